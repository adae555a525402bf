import { type FileHandle, mkdir, open } from 'node:fs/promises'
import { join } from 'node:path'
import type { Event } from './core/event.ts'
import { logRow, metricRow } from './core/plain.ts'

/** One line of a dead-letter file: the event as people read it, and its frame as it came, so that it can be put back. */
export interface DeadLetter {
  /** When it was given up, ISO 8601. */
  readonly at: string
  readonly lane: string
  readonly id: string
  readonly reason: string
  /** ms since 1970. */
  readonly receiptTime: number
  readonly listener: string
  readonly event: unknown
  /** The frame's bytes in base64. */
  readonly frame: string
}

export interface DeadLetters {
  /** Synced when it resolves: only then may the lane commit. */
  append(letters: readonly { readonly event: Event; readonly reason: string }[]): Promise<void>
  close(): Promise<void>
}

/** Appends what a store refused for good to `dir/dead-letters/<lane>.<day>.ndjson` (0600: it holds unredacted text). */
export function createDeadLetters({ dir, lane }: { dir: string; lane: string }): DeadLetters {
  const folder = join(dir, 'dead-letters')
  let current: { readonly day: string; readonly file: FileHandle } | undefined

  async function fileOf(day: string): Promise<FileHandle> {
    if (current?.day === day) return current.file
    await current?.file.close()
    await mkdir(folder, { recursive: true, mode: 0o700 })
    const file = await open(join(folder, `${lane}.${day}.ndjson`), 'a', 0o600)
    current = { day, file }
    const directory = await open(folder, 'r')
    try {
      await directory.sync()
    } finally {
      await directory.close()
    }
    return file
  }

  return {
    async append(letters) {
      const at = new Date().toISOString()
      const file = await fileOf(at.slice(0, 10))
      const lines = letters.map(({ event, reason }) => `${JSON.stringify(letterOf(event, reason, lane, at))}\n`)
      await file.appendFile(lines.join(''))
      await file.datasync()
    },
    async close() {
      const last = current
      current = undefined
      await last?.file.close()
    }
  }
}

function letterOf(event: Event, reason: string, lane: string, at: string): DeadLetter {
  const { record, frame } = event
  const start = record.frameStart(frame)
  return {
    at,
    lane,
    id: event.id,
    reason,
    receiptTime: record.receiptTime,
    listener: record.listener,
    event: logRow(event) ?? metricRow(event),
    frame: record.bytes.toString('base64', start, start + record.frameLength(frame))
  }
}
