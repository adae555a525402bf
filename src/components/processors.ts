import { drainUrls } from '../../processors/drain-urls.ts'
import { jsonLog as createJsonLog } from '../../processors/json-log.ts'
import type { RedactOptions } from '../../processors/redact.ts'
import { routerLog as createRouterLog } from '../../processors/router-log.ts'
import type { Processor } from '../core/contract.ts'
import type { Event, LogEvent } from '../core/event.ts'
import { type Component, component } from './component.ts'

/** Looks at one event: the same or a new one stays, undefined leaves it out. It answers at once, without a promise. */
export type EachEvent = (event: Event) => Event | undefined

/** The same for logs alone. */
export type EachLog = (event: LogEvent) => LogEvent | undefined

/** What a list of processors may hold: a component, or a function with a name. */
export type ProcessorEntry = Component | EachEvent

/** Reads gorouter's access lines. */
export const routerLog = (): ProcessorEntry => component('router-log', {})

/** Reads lines that are one JSON object. */
export const jsonLog = (): ProcessorEntry => component('json-log', {})

/** Takes secrets out of all that stores and people get: see docs/processors.md. */
export const redact = (options: RedactOptions = {}): ProcessorEntry => component('redact', options)

/** A function of your own that looks at one log at a time; metrics and platform events pass it by. */
export const eachLog = (name: string, change: EachLog): ProcessorEntry => component('each-log', { name, change })

/**
 * A processor of your own that gets whole batches, or that remembers something: `create` is called for every partition and sink that
 * it runs in. Its clock is the receipt time, ms, so that it decides the same when lines are read again.
 */
export const processor = (name: string, create: () => Processor['process']): ProcessorEntry =>
  component('processor', { name, create })

/** A processor as configured. It may have state, so it is made anew for each partition and lane. */
export interface ProcessorSetting {
  readonly name: string
  create(): Processor
}

/** The processors that come with Culvert, by their kind. */
export const knownProcessors: Readonly<Record<string, () => Processor>> = {
  'router-log': createRouterLog,
  'json-log': createJsonLog
}

/** Runs last of the shared ones, whatever is configured: drain URLs hold passwords. */
export const alwaysProcessors: readonly ProcessorSetting[] = [{ name: 'drain-urls', create: drainUrls }]

/** Where the file says nothing of processors. */
export const defaultProcessors: readonly ProcessorEntry[] = [routerLog(), jsonLog()]
