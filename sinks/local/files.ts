import { existsSync, readdirSync, renameSync, rmSync, statSync } from 'node:fs'
import { join } from 'node:path'

/** A file of the store: the lines received on one day, or a part of them. */
export interface StoreFile {
  /** `2026-11-24.1.sqlite`; never used again within a day, also not after the file was set aside. */
  readonly name: string
  readonly day: string
  readonly number: number
  readonly damaged: boolean
}

const pattern = /^(\d{4}-\d\d-\d\d)\.(\d{1,9})\.sqlite(\.damaged)?$/

/** SQLite's own files beside a database in WAL mode. */
const companions = ['-wal', '-shm'] as const

export const storeDir = (dir: string): string => join(dir, 'local')

/** The day of a receipt time, UTC. */
export const dayOf = (ms: number): string => new Date(ms).toISOString().slice(0, 10)

/** All files, those set aside too, oldest first. Empty where the directory is not there yet. */
export function listFiles(dir: string): StoreFile[] {
  let names: string[]
  try {
    names = readdirSync(dir)
  } catch {
    return []
  }
  return names
    .map(name => {
      const match = pattern.exec(name)
      return match && { name, day: match[1]!, number: Number(match[2]), damaged: match[3] !== undefined }
    })
    .filter(file => file !== null)
    .sort((a, b) => (a.day < b.day ? -1 : a.day > b.day ? 1 : a.number - b.number))
}

/** The name that comes after all others of its day. */
export function nextName(files: readonly StoreFile[], day: string): string {
  const last = files.findLast(file => file.day === day)
  return `${day}.${(last?.number ?? 0) + 1}.sqlite`
}

/** Bytes on disk, with SQLite's companions; 0 if it is gone. */
export function bytesOf(dir: string, name: string): number {
  let bytes = 0
  for (const end of ['', ...companions]) {
    bytes += statSync(join(dir, name + end), { throwIfNoEntry: false })?.size ?? 0
  }
  return bytes
}

export function removeFile(dir: string, name: string): void {
  for (const end of ['', ...companions]) rmSync(join(dir, name + end), { force: true })
}

/** Puts a damaged file out of the way, for a person to look at; retention deletes it in its time. */
export function setAside(dir: string, name: string): void {
  for (const end of ['', ...companions]) {
    const path = join(dir, name + end)
    if (existsSync(path)) renameSync(path, join(dir, `${name}.damaged${end}`))
  }
}
