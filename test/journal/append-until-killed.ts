/**
 * A process of its own: appends to the disk journal at `dir` without end, eight records at a time, and writes a line for each append
 * that has settled: `safe` or the error's code, and the record's id. What was rejected is not appended again.
 */
import { writeSync } from 'node:fs'
import { CulvertError } from '../../src/core/errors.ts'
import { createDiskJournal } from '../../src/journal/disk.ts'
import { recordOf } from './records.ts'

const [dir = '', segmentBytes = '128 MiB', appends = 'Infinity'] = process.argv.slice(2)
const journal = createDiskJournal({ dir, segmentBytes })
await journal.open()
let left = Number(appends)

async function appendOn(): Promise<void> {
  while (left-- > 0) {
    const record = recordOf('x'.repeat(2000))
    const id = record.toString('hex', 43, 64)
    const result = await journal.append(0, record).then(
      () => 'safe',
      (error: unknown) => (error instanceof CulvertError ? error.code : String(error))
    )
    writeSync(1, `${result} ${id}\n`)
  }
}
await Promise.all(Array.from({ length: 8 }, appendOn))
await journal.stop()
