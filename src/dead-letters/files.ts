import { readdir, stat } from 'node:fs/promises'
import { join } from 'node:path'

/** A dead-letter file: `<lane>.<day>.<number>.ndjson`, the lane percent-encoded. */
export interface LetterFile {
  readonly name: string
  readonly lane: string
  readonly day: string
  readonly number: number
  readonly bytes: number
}

const fileName = /^(.+)\.(\d{4}-\d\d-\d\d)\.(\d{1,9})\.ndjson$/

export const folderOf = (dataDir: string): string => join(dataDir, 'dead-letters')

export const nameOf = (lane: string, day: string, number: number): string =>
  `${encodeURIComponent(lane)}.${day}.${number}.ndjson`

/** Lane, day and number in a file's name; undefined for files of others. */
export function readName(name: string): Omit<LetterFile, 'bytes'> | undefined {
  const [, lane, day, number] = fileName.exec(name) ?? []
  if (lane === undefined || day === undefined) return undefined
  try {
    return { name, lane: decodeURIComponent(lane), day, number: Number(number) }
  } catch {
    return undefined
  }
}

/** All that are there now, each lane's newest first; none where there is no folder. */
export async function listFiles(dataDir: string): Promise<LetterFile[]> {
  const folder = folderOf(dataDir)
  const names = await readdir(folder).catch(none)
  const files: LetterFile[] = []
  for (const name of names) {
    const known = readName(name)
    const found = known && (await stat(join(folder, name)).catch(none))
    if (known !== undefined && found !== undefined && !Array.isArray(found) && found.isFile())
      files.push({ ...known, bytes: found.size })
  }
  return files.sort((a, b) => (a.lane < b.lane ? -1 : a.lane > b.lane ? 1 : isNewer(a, b) ? -1 : 1))
}

export const isNewer = (a: Pick<LetterFile, 'day' | 'number'>, b: Pick<LetterFile, 'day' | 'number'>): boolean =>
  a.day === b.day ? a.number > b.number : a.day > b.day

/** The lane itself, or one of its partitions. */
export const isOfLane = (lane: string, name: string): boolean =>
  lane === name || (lane.startsWith(`${name}-`) && /^\d+$/.test(lane.slice(name.length + 1)))

/** Files may be moved away at any time. */
function none(error: NodeJS.ErrnoException): never[] {
  if (error.code === 'ENOENT') return []
  throw error
}
