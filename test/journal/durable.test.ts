import { stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { makeDirectory } from '../../src/journal/durable.ts'
import { createDirectory } from './open-disk.ts'

test('a directory is made with what is missing above it, for its owner alone, also by two at once', async () => {
  const dir = await createDirectory()
  const path = join(dir, 'above', 'below')
  await Promise.all([makeDirectory(path), makeDirectory(path)])
  const modes = [path, join(dir, 'above')].map(async made => ((await stat(made)).mode & 0o777).toString(8))
  expect(await Promise.all(modes)).toEqual(['700', '700'])
  await makeDirectory(path)
})

test('where none can be made it says so', async () => {
  const file = join(await createDirectory(), 'file')
  await writeFile(file, '')
  for (const path of [file, join(file, 'below')]) await expect(makeDirectory(path)).rejects.toThrow(/^E/)
  await expect(makeDirectory('/proc/culvert/data')).rejects.toThrow(/^E/)
})
