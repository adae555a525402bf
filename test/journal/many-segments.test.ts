import { expect, test } from 'vitest'
import { createDirectory, openDisk } from './open-disk.ts'
import { appendAll, count, readAll, recordsOf } from './records.ts'
import { writeSegments } from './written.ts'

const many = 1000
/** The last one of a journal in which a segment a second was written. */
const last = Date.now() - 3_600_000

test(`${many} segments: opened, read from anywhere, added to, and given up when they are committed`, async () => {
  const dir = await createDirectory()
  const frames = count(many)
  const times = frames.map((_, i) => last - (many - i) * 1000)
  const written = writeSegments(
    dir,
    frames.map((frame, i) => [{ frame, receiptTime: times[i]! }])
  )
  const positions = written.positions.flat()
  const { end } = written
  const { journal, reader, recovery, damage } = await openDisk({ dir, lanes: [{ name: 'es' }] })
  expect(recovery).toEqual({ damaged: 0, tornBytes: 0 })
  expect(journal.status()).toMatchObject({
    bytes: end + many * 64,
    retainedBytes: 0,
    partitions: [{ partition: 0, oldest: 0, end, since: times[0] }]
  })

  for (const i of [0, 1, 499, many - 1]) {
    const entries = reader.read(0, positions[i]!, new AbortController().signal)
    for await (const entry of entries) {
      expect('record' in entry && entry.record).toMatchObject({ position: positions[i], receiptTime: times[i] })
      break
    }
    expect(await reader.receivedAt(0, positions[i]!)).toBe(times[i])
    expect(await reader.positionAt(0, times[i]! - 500)).toBe(positions[i])
  }

  journal.committed('es', 0, positions[500]!)
  expect(journal.ends()[0]!.oldest).toBe(positions[500])
  expect(journal.status()).toMatchObject({ bytes: end - positions[500]! + 500 * 64 })
  reader.advance(journal.ends()[0]!)
  expect((await recordsOf(reader))[0]!.position).toBe(positions[500])

  await appendAll(journal, ['new'])
  expect((await readAll(reader)).slice(-2)).toEqual([frames[many - 1], 'new'])
  journal.committed('es', 0, journal.ends()[0]!.end)
  expect(journal.ends()[0]!.oldest).toBe(end)
  expect(damage).toEqual([])
})
