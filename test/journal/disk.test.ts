import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach } from 'vitest'
import { createDiskJournal } from '../../src/journal/disk.ts'
import { createDiskReader } from '../../src/journal/disk-reader.ts'
import { startAppender } from './appender.ts'
import { journalContract } from './contract.ts'

const places: string[] = []
afterEach(async () => {
  for (const place of places.splice(0)) await rm(place, { recursive: true })
})

journalContract('disk', {
  async createPlace() {
    const place = await mkdtemp(join(tmpdir(), 'culvert-journal-'))
    places.push(place)
    return place
  },
  createJournal: (dir, options) => createDiskJournal({ dir, ...options }),
  createReader: (dir, journal) =>
    createDiskReader({
      dir,
      ends: journal.ends(),
      onDamage(error) {
        throw error
      }
    }),
  async appendUntilKilled(dir) {
    const appender = startAppender([dir])
    await appender.settled(200)
    return (await appender.kill()).filter(line => line.result === 'safe').map(line => line.id)
  }
})
