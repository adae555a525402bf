import { CulvertError } from '../core/errors.ts'
import { roundBytes } from '../core/quantities.ts'
import type { JournalStatus } from '../core/status.ts'
import type { DamagedStretch } from './damaged-bytes.ts'
import { type DiskOptions, diskOptions } from './disk-options.ts'
import { type DataSync, syncLater, syncNow } from './group-commit.ts'
import type { JournalEnd, MainJournal, Recovery } from './journal.ts'
import { type OpenJournal, openJournal } from './open-journal.ts'
import type { Partition } from './partition.ts'

/** Of a disk with more damage than this, no more is counted. */
const maxDamaged = 10_000

/** The clock of an idle partition goes on, and what was kept long enough goes, this often. */
const beatMs = 1000

/**
 * The main thread's half of the disk journal. `datasync` is how written bytes are made safe where `sync` is 'always'. Throws a
 * ZodError that names the option at fault.
 */
export function createDiskJournal(given: DiskOptions, datasync: DataSync = syncNow): MainJournal {
  const options = diskOptions.parse(given)
  const endCallbacks: ((end: JournalEnd) => void)[] = []
  const skipCallbacks: ((lane: string, partition: number, to: number) => void)[] = []
  const damaged = new Map<string, DamagedStretch>()
  let opening: Promise<Recovery> | undefined
  let journal: OpenJournal | undefined
  let beating: NodeJS.Timeout | undefined
  let stopping: Promise<void> | undefined
  /** Length of the last record that had no room; 0 when there is room again. */
  let refusedBytes = 0

  async function start(): Promise<Recovery> {
    journal = await openJournal(options, {
      datasync: options.sync === 'always' ? datasync : syncLater,
      onSync: announce,
      onSkip(lane, partition, to) {
        for (const callback of skipCallbacks) callback(lane, partition, to)
      }
    })
    beating = setInterval(beat, beatMs).unref()
    return journal.recovery
  }

  const partitionOf = (partition: number): Partition | undefined =>
    journal?.partitions.find(candidate => candidate.partition === partition)

  function announce(partition: number): void {
    const end = partitionOf(partition)?.end()
    if (end !== undefined) for (const callback of endCallbacks) callback(end)
  }

  function beat(): void {
    journal?.space.freeAll()
    journal?.lookForSpace().then(lookForRoom, () => undefined)
    for (const { partition } of journal?.partitions ?? []) announce(partition)
  }

  function lookForRoom(): void {
    if (refusedBytes > 0 && journal?.space.admit(refusedBytes)) refusedBytes = 0
  }

  function append(partition: number, record: Buffer): Promise<void> {
    const target = partition < options.partitions ? partitionOf(partition) : undefined
    if (stopping !== undefined) return Promise.reject(new CulvertError('JOURNAL_STOPPED', 'The journal is stopping.'))
    if (target === undefined)
      return Promise.reject(new RangeError(`the journal has no partition ${partition}, or is not open`))
    if (journal?.space.admit(record.length) !== true) {
      refusedBytes = record.length
      return Promise.reject(
        new CulvertError('JOURNAL_FULL', `The journal is full: ${fullness()}.`, { retryable: true })
      )
    }
    refusedBytes = 0
    return target.append(record)
  }

  function fullness(): string {
    if (journal === undefined) return ''
    const { space, maxBytes } = journal
    return `${roundBytes(space.used())} of ${roundBytes(maxBytes())}, held back by ${space.holding().join(', ')}`
  }

  async function close(): Promise<void> {
    await opening?.catch(() => undefined)
    clearInterval(beating)
    await Promise.all((journal?.partitions ?? []).map(partition => partition.stop()))
    journal?.lock.release()
  }

  function stateOf({ partitions }: OpenJournal): Pick<JournalStatus, 'state' | 'reason'> {
    const failure = partitions.map(partition => partition.failure()).find(reason => reason !== undefined)
    if (failure !== undefined) return { state: 'failing', reason: failure }
    return refusedBytes > 0 ? { state: 'full', reason: fullness() } : { state: 'ok' }
  }

  return {
    open: () => (opening ??= start()),
    append,
    stop: () => (stopping ??= close()),
    onEnd: callback => void endCallbacks.push(callback),
    onSkip: callback => void skipCallbacks.push(callback),
    ends: () => (journal?.partitions ?? []).map(partition => partition.end()),
    committed(lane, partition, offset) {
      journal?.space.committed(lane, partition, offset)
      lookForRoom()
    },
    damaged(stretch) {
      if (damaged.size < maxDamaged) damaged.set(`${stretch.partition}.${stretch.position}`, stretch)
    },
    status(): JournalStatus {
      const stretches = [...damaged.values()]
      const partitions = journal?.partitions ?? []
      return {
        kind: 'disk',
        where: options.dir,
        ...(journal === undefined ? { state: 'ok' as const } : stateOf(journal)),
        bytes: journal?.space.used() ?? 0,
        maxBytes: journal?.maxBytes() ?? options.maxBytes,
        retainedBytes: journal?.space.retained() ?? 0,
        partitions: partitions.map(candidate => {
          const { partition, oldest, end } = candidate.end()
          const since = candidate.since()
          return { partition, oldest, end, ...(since === undefined ? {} : { since }) }
        }),
        records: partitions.reduce((sum, partition) => sum + partition.records(), 0),
        syncs: partitions.reduce((sum, partition) => sum + partition.syncs(), 0),
        damaged: {
          stretches: stretches.length,
          bytes: stretches.reduce((sum, { bytes }) => sum + bytes, 0),
          copies: stretches.filter(({ copy }) => copy !== undefined).length
        }
      }
    }
  }
}
