import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'
import type { CulvertError } from '../../src/core/errors.ts'
import type { DamagedStretch } from '../../src/journal/damaged-bytes.ts'
import { createDiskJournal } from '../../src/journal/disk.ts'
import type { DiskOptions } from '../../src/journal/disk-options.ts'
import { createDiskReader } from '../../src/journal/disk-reader.ts'
import type { DataSync } from '../../src/journal/group-commit.ts'
import type { Recovery } from '../../src/journal/journal.ts'

export async function createDirectory(): Promise<string> {
  const dir = await mkdtemp(join(tmpdir(), 'culvert-journal-'))
  onTestFinished(() => rm(dir, { recursive: true, force: true }))
  return dir
}

/**
 * An open journal with a reader, both closed when the test ends; `sync: 'never'`, since a test seldom crashes the machine, and a lane that
 * has committed nothing, so that nothing goes.
 */
export async function openDisk(options: Partial<DiskOptions> = {}, datasync?: DataSync) {
  const dir = options.dir ?? (await createDirectory())
  const journal = createDiskJournal(
    { sync: datasync ? 'always' : 'never', lanes: [{ name: 'es' }], ...options, dir },
    datasync
  )
  const recovery: Recovery = await journal.open()
  const damage: CulvertError[] = []
  const stretches: DamagedStretch[] = []
  const onDamage = (error: CulvertError, stretch?: DamagedStretch): void => {
    damage.push(error)
    if (stretch !== undefined) stretches.push(stretch)
  }
  const reader = createDiskReader({ dir, ends: journal.ends(), onDamage })
  journal.onEnd(end => reader.advance(end))
  onTestFinished(() => journal.stop())
  onTestFinished(() => reader.stop())
  return { dir, journal, reader, recovery, damage, stretches }
}

export const rejection = (promise: Promise<unknown>): Promise<unknown> =>
  promise.then(
    () => 'resolved',
    (error: unknown) => error
  )
