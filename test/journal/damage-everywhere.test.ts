import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { RecordView } from '../../src/core/record.ts'
import { partitionDirectory, segmentHeaderBytes, segmentName } from '../../src/journal/segment.ts'
import { createDirectory, openDisk } from './open-disk.ts'
import { count, recordsOf } from './records.ts'
import { writeSegments } from './written.ts'

const now = Date.now()
const segments = [7, 1, 12, 4].map((records, segment) =>
  count(records, `segment ${segment}`).map((text, i) => ({ frame: text.repeat(1 + 40 * (i % 3)), receiptTime: now }))
)

/** What a bad disk does to one place of one file: other bytes, zeros, or the rest of the file is gone. */
const harm = fc.record({
  segment: fc.nat(segments.length - 1),
  at: fc.double({ min: 0, max: 0.999, noNaN: true }),
  how: fc.constantFrom('flip', 'zero', 'cut'),
  bytes: fc.integer({ min: 1, max: 600 })
})
type Harm = typeof harm extends fc.Arbitrary<infer T> ? T : never

/** Never the header: a segment that says to be another version's stops the start. */
function damage(file: Buffer, { at, how, bytes }: Harm): Buffer {
  const from = segmentHeaderBytes + Math.floor(at * (file.length - segmentHeaderBytes))
  if (how === 'cut') return file.subarray(0, from)
  const harmed = Buffer.from(file)
  for (let i = from; i < Math.min(from + bytes, file.length); i++) harmed[i] = how === 'zero' ? 0 : harmed[i]! ^ 0xff
  return harmed
}

test('whatever is flipped, zeroed or cut, every undamaged record is read, once and in order, by a reader that is under way too', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(harm, { minLength: 1, maxLength: 5 }), fc.boolean(), async (harms, underWay) => {
      const dir = await createDirectory()
      const { records } = writeSegments(dir, segments)
      const directory = partitionDirectory(dir, 0)
      const bases = readdirSync(directory).map(name => Number(name.slice(0, 16)))
      const hurt = (): void => {
        for (const each of harms) {
          const path = join(directory, segmentName(bases.toSorted((a, b) => a - b)[each.segment]!))
          writeFileSync(path, damage(readFileSync(path), each))
        }
      }
      if (!underWay) hurt()
      const { reader, stretches, journal } = await openDisk({ dir })
      if (underWay) hurt()
      const read = await recordsOf(reader)
      const whole = records.filter(record => {
        const { position } = new RecordView(record, 0)
        const base = bases.toSorted((a, b) => a - b).findLast(candidate => candidate <= position)!
        const at = position - base + segmentHeaderBytes
        return record.equals(readFileSync(join(directory, segmentName(base))).subarray(at, at + record.length))
      })
      expect(read.map(({ position }) => position)).toEqual(whole.map(record => new RecordView(record, 0).position))
      expect(read.map(({ idText }) => idText)).toEqual(whole.map(record => new RecordView(record, 0).idText))
      const { end } = reader.bounds(0)
      const lost = stretches.reduce((sum, { bytes }) => sum + bytes, 0)
      expect(lost).toBe(end - whole.reduce((sum, record) => sum + record.length, 0))
      await Promise.all([reader.stop(), journal.stop()])
    }),
    { numRuns: 40 }
  )
})
