import { readdir, statfs } from 'node:fs/promises'
import { join } from 'node:path'
import { CulvertError } from '../core/errors.ts'
import { cursorsDirectory, furthestCursors, readCursor } from './cursors.ts'
import type { ParsedDiskOptions } from './disk-options.ts'
import { makeDirectory } from './durable.ts'
import type { DataSync } from './group-commit.ts'
import type { Recovery } from './journal.ts'
import { type DirectoryLock, lockDirectory, unusable } from './lock.ts'
import { createPartition, type Partition } from './partition.ts'
import { recoverPartition } from './recover.ts'
import { partitionDirectory, segmentHeaderBytes } from './segment.ts'
import { createSpace, type Space } from './space.ts'

const shareOfFreeSpace = 0.8
/** However small the bound is; it may be 0 at the start, and rise. */
const minSegmentBytes = 64 * 1024
/** A segment is at most this part of its partition's share of the bound, so that there is always a whole one to free. */
const segmentsPerPartition = 4

export interface OpenJournal {
  readonly lock: DirectoryLock
  readonly partitions: readonly Partition[]
  readonly space: Space
  readonly recovery: Recovery
  /** What the journal may hold: 80 % of the space that was free at the start, or came free since, and never less again. */
  maxBytes(): number
  /** Looks whether space has come free, where that would raise the bound. Never throws. */
  lookForSpace(): Promise<void>
}

export interface OpenJournalHooks {
  readonly datasync: DataSync
  readonly onSync: (partition: number) => void
  readonly onSkip: (lane: string, partition: number, to: number) => void
}

/** Locks the data directory and reads what is in it. */
export async function openJournal(options: ParsedDiskOptions, hooks: OpenJournalHooks): Promise<OpenJournal> {
  const { dir } = options
  try {
    await makeDirectory(dir)
  } catch (error) {
    throw unusable(dir, error)
  }
  const lock = lockDirectory(dir)
  try {
    return { lock, ...(await openPartitions(options, hooks)) }
  } catch (error) {
    lock.release()
    throw error instanceof CulvertError ? error : unusable(dir, error)
  }
}

async function openPartitions(options: ParsedDiskOptions, hooks: OpenJournalHooks): Promise<Omit<OpenJournal, 'lock'>> {
  const { dir, lanes } = options
  await makeDirectory(cursorsDirectory(dir))
  const furthest = await furthestCursors(dir)
  const found = []
  for (const partition of await partitionNumbers(dir, options.partitions)) {
    const directory = partitionDirectory(dir, partition)
    await makeDirectory(directory)
    found.push({ partition, directory, recovered: await recoverPartition(directory) })
  }
  const kept = found.flatMap(({ recovered }) => recovered.segments)
  const keptBytes = kept.reduce((sum, { base, end }) => sum + end - base + segmentHeaderBytes, 0)
  let maxBytes = await boundFor(keptBytes)
  const segmentBytes = (): number => {
    const share = Math.floor(maxBytes / found.length / segmentsPerPartition)
    return Math.max(minSegmentBytes, Math.min(options.segmentBytes, share))
  }

  async function boundFor(bytes: number): Promise<number> {
    return Math.min(options.maxBytes, Math.floor(((await freeBytes(dir)) + bytes) * shareOfFreeSpace))
  }

  async function lookForSpace(): Promise<void> {
    if (maxBytes >= options.maxBytes) return
    maxBytes = Math.max(maxBytes, await boundFor(space.used()).catch(() => 0))
  }

  const partitions = found.map(({ partition, directory, recovered }) =>
    createPartition({
      partition,
      directory,
      recovered,
      segmentBytes,
      from: furthest.get(partition) ?? { offset: 0, receiptTime: 0 },
      datasync: hooks.datasync,
      onSync: () => hooks.onSync(partition),
      onDiskFull: () => space.makeRoom()
    })
  )
  const { repeatMs, retainMs, retainBytes } = options
  const space = createSpace({
    maxBytes: () => maxBytes,
    repeatMs,
    retainMs,
    retainBytes,
    lanes,
    partitions,
    onSkip: hooks.onSkip
  })
  for (const { name } of lanes) {
    for (const { partition } of partitions) {
      const cursor = await readCursor(dir, name, partition).catch(unlessDamaged)
      if (cursor !== undefined) space.committed(name, partition, cursor.offset)
    }
  }
  const damaged = found.reduce((sum, { recovered }) => sum + recovered.damaged, 0)
  const tornBytes = found.reduce((sum, { recovered }) => sum + recovered.tornBytes, 0)
  return { partitions, space, recovery: { damaged, tornBytes }, maxBytes: () => maxBytes, lookForSpace }
}

/** Partitions of an earlier configuration are delivered too; nothing is appended to them. */
async function partitionNumbers(dir: string, configured: number): Promise<number[]> {
  await makeDirectory(join(dir, 'journal'))
  const names = await readdir(join(dir, 'journal'))
  const earlier = names.filter(name => /^\d{1,9}$/.test(name)).map(Number)
  return [...new Set([...Array(configured).keys(), ...earlier])].sort((a, b) => a - b)
}

async function freeBytes(dir: string): Promise<number> {
  const { bavail, bsize } = await statfs(dir)
  return bavail * bsize
}

/** The lane's reader says it, and begins at the oldest record: until it commits, its cursor holds all back. */
function unlessDamaged(error: unknown): undefined {
  if (error instanceof CulvertError && error.code === 'CURSOR_DAMAGED') return undefined
  throw error
}
