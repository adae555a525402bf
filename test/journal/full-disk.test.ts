import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test, vi } from 'vitest'
import { emptyNote } from '../../src/journal/cursors.ts'
import { fillDisk, needsSmallDisks, openSmallDisk, smallDisks } from '../small-disk.ts'
import { openDisk, rejection } from './open-disk.ts'
import { appendAll, count, readAll, recordOf } from './records.ts'

const diskBytes = 8 * 2 ** 20
const frame = (i: number): string => `frame ${i} `.padEnd(20_000, 'x')
const full = { code: 'JOURNAL_FAILING', retryable: true, message: expect.stringContaining('ENOSPC') }

describe.skipIf(!smallDisks)(`a disk that is really full${needsSmallDisks}`, () => {
  test('in the middle of a group: what was not safe rejects and is never read, and all goes on when there is room', async () => {
    const { dir, journal, reader, damage } = await openDisk({ dir: openSmallDisk(diskBytes), sync: 'always' })
    await appendAll(journal, ['before'])
    const makeRoom = fillDisk(dir, 100_000)
    const frames = count(20).map((_, i) => frame(i))
    const records = frames.map(text => recordOf(text))
    const settled = await Promise.all(records.map(record => rejection(journal.append(0, record))))
    expect(settled).toContainEqual(expect.objectContaining(full))
    expect(journal.status()).toMatchObject({ state: 'failing', reason: expect.stringContaining('ENOSPC') })
    const safe = frames.filter((_, i) => settled[i] === 'resolved')
    expect(await readAll(reader)).toEqual(['before', ...safe])
    makeRoom()
    const refused = records.filter((_, i) => settled[i] !== 'resolved')
    for (const record of refused) await journal.append(0, record)
    expect(journal.status().state).toBe('ok')
    const all = ['before', ...safe, ...frames.filter(text => !safe.includes(text))]
    expect(await readAll(reader)).toEqual(all)
    await journal.stop()
    expect(await readAll((await openDisk({ dir })).reader)).toEqual(all)
    expect(damage).toEqual([])
  })

  test('when a segment is made: nothing half is left', async () => {
    const { dir, journal, reader } = await openDisk({ dir: openSmallDisk(diskBytes) })
    const makeRoom = fillDisk(dir)
    expect(await rejection(journal.append(0, recordOf('a')))).toMatchObject(full)
    expect(readdirSync(join(dir, 'journal', '0'))).toEqual([])
    makeRoom()
    await appendAll(journal, ['b'])
    expect(await readAll(reader)).toEqual(['b'])
  })

  test('at the start: what is there is read, and the bound rises when there is room', async () => {
    const { dir, journal } = await openDisk({ dir: openSmallDisk(diskBytes) })
    await appendAll(journal, ['before'])
    await journal.stop()
    const makeRoom = fillDisk(dir)
    const again = await openDisk({ dir })
    expect(await readAll(again.reader)).toEqual(['before'])
    const record = recordOf(frame(1))
    expect(await rejection(again.journal.append(0, record))).toMatchObject({ retryable: true })
    makeRoom()
    await vi.waitFor(() => again.journal.append(0, record), 10_000)
    expect(again.journal.status()).toMatchObject({ state: 'ok', maxBytes: expect.any(Number) })
    expect(again.journal.status().maxBytes).toBeGreaterThan(0.7 * diskBytes)
    expect(await readAll(again.reader)).toEqual(['before', frame(1)])
  })

  test('when a cursor is written: the commit before it stays', async () => {
    const { dir, journal, reader } = await openDisk({ dir: openSmallDisk(diskBytes) })
    await appendAll(journal, count(2))
    await reader.commit('es', { partition: 0, offset: 0 }, emptyNote)
    const makeRoom = fillDisk(dir)
    const { end } = reader.bounds(0)
    expect(await rejection(reader.commit('es', { partition: 0, offset: end }, emptyNote))).toMatchObject({
      code: 'ENOSPC'
    })
    expect(await reader.cursor('es', 0)).toEqual({ offset: 0, note: emptyNote })
    expect(existsSync(join(dir, 'cursors', 'es.0.json.new'))).toBe(false)
    makeRoom()
    await reader.commit('es', { partition: 0, offset: end }, emptyNote)
    expect(await reader.cursor('es', 0)).toEqual({ offset: end, note: emptyNote })
  })

  test('by others: what is kept for replays goes, and there is room', async () => {
    const options = { segmentBytes: '64 KiB', retainMs: '1h', sync: 'always' as const }
    const { dir, journal, reader } = await openDisk({ dir: openSmallDisk(diskBytes), ...options })
    await appendAll(
      journal,
      count(40).map((_, i) => frame(i))
    )
    journal.committed('es', 0, reader.bounds(0).end)
    expect(journal.status().retainedBytes).toBeGreaterThan(500_000)
    fillDisk(dir)
    const refused: unknown[] = []
    const record = recordOf(frame(40))
    for (let tries = 0; tries < 20; tries++) {
      const outcome = await rejection(journal.append(0, record))
      if (outcome === 'resolved') break
      refused.push(outcome)
    }
    expect(refused).toContainEqual(expect.objectContaining(full))
    expect(journal.status().state).toBe('ok')
    expect((await readAll(reader)).at(-1)).toBe(frame(40))
  })
})
