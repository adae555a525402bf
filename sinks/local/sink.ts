import { allStored, type BatchLimits, type Refusals, type Sink, type Through } from '../../src/core/contract.ts'
import { CulvertError } from '../../src/core/errors.ts'
import type { Event } from '../../src/core/event.ts'
import { createPacker } from './batch.ts'
import { type LocalOptions, localOptions } from './options.ts'
import type { StoreMethods } from './store-thread.ts'
import { startThread, type Thread, type Warn } from './thread.ts'

/** One batch at a time: the cursor is stored with it. Large batches make the full-text index cheaper to write. */
const limits: BatchLimits = { maxEvents: 5000, maxBytes: 8 * 2 ** 20, maxAgeMs: 1000, maxInFlight: 1 }

/**
 * The embedded store, for when no servers are configured: logs, searchable by word, and metric points in SQLite files under
 * `<dir>/local`, written by a thread of its own. It keeps the lane's cursor with the rows, in one transaction, so that a crash
 * stores each event once; an event whose id it has already counts as duplicate. It takes every kind of event and rejects none.
 */
export function createLocalSink(options: LocalOptions, warn: Warn = () => {}): Sink {
  const settings = localOptions.parse(options)
  const pack = createPacker()
  let running: Thread<StoreMethods> | undefined
  let writing: Promise<Refusals> | undefined
  let stopping: Promise<void> | undefined

  /** The thread with the store opened in it; a new one where the last one ended. */
  async function opened(): Promise<Thread<StoreMethods>> {
    if (stopping) throw new CulvertError('SINK_UNAVAILABLE', 'The local store is stopping.', { retryable: true })
    if (running !== undefined && !running.ended) return running
    const thread = startThread<StoreMethods>(new URL('./store-thread.ts', import.meta.url), settings, warn)
    running = thread
    try {
      await thread.call('open')
      return thread
    } catch (error) {
      running = undefined
      await thread.terminate()
      throw error
    }
  }

  async function store(events: readonly Event[], through: Through | undefined): Promise<Refusals> {
    const thread = await opened()
    const duplicates = await thread.call('write', pack(events, through))
    return duplicates === 0 ? allStored : { ...allStored, duplicates }
  }

  async function close(): Promise<void> {
    await Promise.allSettled([writing])
    if (running === undefined || running.ended) return
    await running.call('close')
    await running.terminate()
  }

  return {
    kind: 'local',
    limits,
    accepts: () => true,
    async start(signal) {
      signal.throwIfAborted()
      await opened()
    },
    async write(batch, signal, through) {
      signal.throwIfAborted()
      writing = store(batch, through)
      return writing
    },
    async cursor(partition) {
      const thread = await opened()
      return thread.call('cursor', partition)
    },
    stop: () => (stopping ??= close())
  }
}
