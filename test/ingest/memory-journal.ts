import type { Journal } from '../../src/core/contract.ts'
import { CulvertError, type ErrorCode } from '../../src/core/errors.ts'
import { RecordView } from '../../src/core/record.ts'
import { markText } from './framed.ts'

/** A journal in memory: keeps a copy of what was appended, and can be held back or made to refuse. */
export function createMemoryJournal() {
  const partitions: RecordView[][] = []
  const watchers = new Set<() => void>()
  let held: (() => void)[] | undefined
  const refusals: ErrorCode[] = []
  let always: ErrorCode | undefined
  let waiting = 0

  async function append(partition: number, record: Buffer): Promise<void> {
    waiting++
    notify()
    await new Promise<void>(resolve => (held === undefined ? setImmediate(resolve) : held.push(resolve)))
    waiting--
    const code = refusals.shift() ?? always
    if (code === undefined) (partitions[partition] ??= []).push(new RecordView(Buffer.from(record), partition))
    notify()
    if (code !== undefined) throw new CulvertError(code, 'Refused by the test.', { retryable: true })
  }

  const notify = () => watchers.forEach(watch => void watch())
  const records = (partition?: number) => (partition === undefined ? partitions.flat() : (partitions[partition] ?? []))
  const journal: Journal = { append }

  return {
    journal,
    records,
    /** Appends that are not answered yet. */
    get waiting() {
      return waiting
    },
    /** Every frame as latin1 and its marks, in the order of the records. */
    frames: (partition?: number): string[] => records(partition).flatMap(framesOfRecord),
    /** Answers nothing from now on; the returned function lets all go, and does not hold any more. */
    hold(): () => void {
      const mine: (() => void)[] = (held = [])
      return () => {
        held = undefined
        for (const go of mine.splice(0)) go()
      }
    },
    /** The next appends are refused with these codes, in turn. */
    refuse: (...codes: ErrorCode[]) => void refusals.push(...codes),
    /** All appends are refused with this code from now on. */
    refuseAll: (code: ErrorCode | undefined) => void (always = code),
    /** Resolves as soon as `condition` holds; looked at whenever the journal does something. */
    until(condition: () => boolean): Promise<void> {
      if (condition()) return Promise.resolve()
      return new Promise(resolve => {
        const watch = () => {
          if (!condition()) return
          watchers.delete(watch)
          void resolve()
        }
        watchers.add(watch)
      })
    }
  }
}
export type MemoryJournal = ReturnType<typeof createMemoryJournal>

export const framesOfRecord = (record: RecordView): string[] =>
  Array.from({ length: record.frameCount }, (_, i) => {
    const start = record.frameStart(i)
    return record.bytes.toString('latin1', start, start + record.frameLength(i)) + markText(record.frameMarks(i))
  })

/** A log that remembers its lines. */
export function createMemoryLog() {
  const lines: { level: string; sentence: string; fields: object }[] = []
  const write = (level: string) => (fields: object, sentence: string) => void lines.push({ level, sentence, fields })
  return { lines, info: write('info'), warn: write('warn'), error: write('error') }
}
