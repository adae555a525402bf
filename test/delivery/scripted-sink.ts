import {
  allStored,
  type BatchLimits,
  type Cursor,
  type Refusals,
  type Sink,
  type Through
} from '../../src/core/contract.ts'
import { CulvertError } from '../../src/core/errors.ts'
import type { Event } from '../../src/core/event.ts'

export const textOf = (event: Event): string => (event.kind === 'log' ? event.text : event.kind)

export const unavailable = (retryAfterMs?: number) =>
  new CulvertError('SINK_UNAVAILABLE', 'away', { retryable: true, retryAfterMs })
export const refused = () => new CulvertError('SINK_REFUSED_BATCH', 'bad batch')

export interface Script {
  readonly limits?: Partial<BatchLimits>
  readonly accepts?: (event: Event) => boolean
  readonly start?: (signal: AbortSignal) => Promise<void>
  readonly stop?: () => Promise<void>
  readonly write?: (texts: string[], signal: AbortSignal, through: Through | undefined) => Promise<Refusals> | Refusals
  readonly cursor?: () => Promise<Cursor | undefined>
  /** The texts of those that the store has. */
  readonly known?: (texts: string[]) => Promise<string[]> | string[]
}

/** Does as the script says, and keeps the texts of each write and lookup. */
export function createScriptedSink(script: Script = {}) {
  const writes: string[][] = []
  const lookups: string[][] = []
  const stops: number[] = []
  const sink: Sink = {
    kind: 'scripted',
    limits: { maxEvents: 1000, maxBytes: 2 ** 20, maxAgeMs: 1, maxInFlight: 1, ...script.limits },
    accepts: script.accepts ?? (() => true),
    start: script.start ?? (async () => {}),
    async write(batch, signal, through) {
      const texts = batch.map(textOf)
      writes.push(texts)
      return (await script.write?.(texts, signal, through)) ?? allStored
    },
    async stop() {
      stops.push(Date.now())
      await script.stop?.()
    },
    ...(script.cursor === undefined ? {} : { cursor: script.cursor }),
    ...(script.known === undefined
      ? {}
      : {
          async known(batch) {
            const texts = batch.map(textOf)
            lookups.push(texts)
            const found = await script.known?.(texts)
            return new Set(batch.filter(event => found?.includes(textOf(event))).map(({ id }) => id))
          }
        })
  }
  return { sink, writes, lookups, stops }
}
