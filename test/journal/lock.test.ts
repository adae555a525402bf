import { stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { emptyNote } from '../../src/journal/cursors.ts'
import { createDiskJournal } from '../../src/journal/disk.ts'
import { startAppender } from './appender.ts'
import { createDirectory, openDisk, rejection } from './open-disk.ts'
import { recordOf } from './records.ts'

test('a second process is refused while the first lives, and takes over when it was killed', async () => {
  const dir = await createDirectory()
  const first = startAppender([dir])
  await first.settled(1)
  const refused = await rejection(createDiskJournal({ dir }).open())
  await first.kill()
  expect(refused).toMatchObject({ code: 'DATA_DIR_IN_USE', message: `Another process uses the data directory ${dir}.` })
  await openDisk({ dir })
})

test('a second journal in the same process is refused until the first stops', async () => {
  const { dir, journal } = await openDisk()
  expect(await rejection(createDiskJournal({ dir }).open())).toMatchObject({ code: 'DATA_DIR_IN_USE' })
  await journal.stop()
  await openDisk({ dir })
})

test('what cannot be a data directory is said in a sentence', async () => {
  const file = join(await createDirectory(), 'file')
  await writeFile(file, '')
  for (const dir of [file, join(file, 'below')]) {
    expect(await rejection(createDiskJournal({ dir }).open())).toMatchObject({ code: 'DATA_DIR_UNUSABLE' })
  }
})

test('only the owner may read what is stored', async () => {
  const { dir, journal, reader } = await openDisk()
  await journal.append(0, recordOf('secret'))
  await reader.commit('es', { partition: 0, offset: 0 }, emptyNote)
  const mode = async (...path: string[]): Promise<number> => (await stat(join(dir, ...path))).mode & 0o777
  expect(await mode('journal')).toBe(0o700)
  expect(await mode('journal', '0')).toBe(0o700)
  expect(await mode('journal', '0', '0000000000000000.segment')).toBe(0o600)
  expect(await mode('cursors', 'es.0.json')).toBe(0o600)
  expect(await mode('lock')).toBe(0o600)
})
