import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'
import { jsonLog } from '../../../processors/json-log.ts'
import { routerLog } from '../../../processors/router-log.ts'
import type { LocalOptions } from '../../../sinks/local/options.ts'
import { createLocalQueries } from '../../../sinks/local/queries.ts'
import { createLocalSink } from '../../../sinks/local/sink.ts'
import type { Warn } from '../../../sinks/local/thread.ts'
import type { Through } from '../../../src/core/contract.ts'
import { type Event, LogEvent, type Mark } from '../../../src/core/event.ts'
import { createGeneration } from '../../../src/core/identity.ts'
import { RecordBuilder, RecordView } from '../../../src/core/record.ts'
import type { Source } from '../../../src/core/source.ts'

export const signal = new AbortController().signal
export const noon = Date.UTC(2026, 10, 24, 12)

type AtEnd = (end: () => Promise<void> | void) => void

export const newDir = (atEnd: AtEnd = onTestFinished): string => {
  const dir = mkdtempSync(join(tmpdir(), 'culvert-local-'))
  atEnd(() => rmSync(dir, { recursive: true, force: true }))
  return dir
}

/** An open sink in a directory of its own, stopped when the test is over. */
export async function openSink(options: Partial<LocalOptions> = {}, warn?: Warn, atEnd: AtEnd = onTestFinished) {
  const dir = options.dir ?? newDir()
  const sink = createLocalSink({ dir, ...options }, warn)
  atEnd(() => sink.stop())
  await sink.start(signal)
  return { dir, sink }
}

export function openQueries(
  dir: string,
  options: { deadlineMs?: number; warn?: Warn } = {},
  atEnd: AtEnd = onTestFinished
) {
  const queries = createLocalQueries({ dir, ...options })
  atEnd(() => queries.stop())
  return queries
}

export function sourceOf(app: string, changes: Partial<Source> = {}): Source {
  return {
    host: `acme.prod.${app}`,
    id: `guid-of-${app}`,
    procid: 'APP/PROC/WEB/0',
    app: { id: `guid-of-${app}`, name: app },
    space: { id: 'guid-of-prod', name: 'prod' },
    org: { id: 'guid-of-acme', name: 'acme' },
    type: 'APP',
    fullType: 'APP/PROC/WEB',
    instance: '0',
    process: 'web',
    task: '',
    sidecar: '',
    revision: '',
    tags: {},
    ...changes
  }
}

export const shop = sourceOf('shop')

/** A record of one partition, as the journal would read it back. */
export function recordOf(
  frames: readonly string[],
  { received = noon, position = 0, partition = 0, id = generation.next() } = {}
): RecordView {
  const builder = new RecordBuilder(65_536 + frames.reduce((sum, frame) => sum + Buffer.byteLength(frame) + 16, 0))
  builder.beginRun(1)
  for (const frame of frames) {
    const length = builder.bytes.write(frame, builder.end)
    builder.addFrame(builder.end, length)
    builder.end += length
  }
  const bytes = Buffer.from(builder.finish(id, 'stream', 'syslog'))
  bytes.writeDoubleLE(position, 16)
  bytes.writeDoubleLE(received, 24)
  return new RecordView(bytes, partition)
}
const generation = createGeneration()

interface LogOptions {
  readonly source?: Source
  /** 14 is info, 11 is error. */
  readonly priority?: number
  readonly marks?: readonly Mark[]
  /** Of the first one; each further one is a µs later. */
  readonly micros?: number
}

/** Logs with these texts, of one record, as the processors leave them. */
export function logsOf(
  texts: readonly string[],
  { source = shop, priority = 14, marks = [], micros, ...where }: LogOptions & Parameters<typeof recordOf>[1] = {}
): Event[] {
  const record = recordOf(texts, where)
  const first = micros ?? record.receiptTime * 1000
  const events = texts.map((_, i) => {
    const start = record.frameStart(i)
    const end = start + record.frameLength(i)
    return new LogEvent(record, i, source, first + i, 0, marks, priority, start, end)
  })
  return [...routerLog().process(jsonLog().process(events, 0), 0)]
}

/** Where a batch ends: after `offset` bytes of a partition. */
export function throughOf(offset: number, partition = 0): Through {
  const ledger = { received: offset, stored: 0, duplicate: 0, joined: 0, folded: 0, filtered: 0, dead: 0, lost: 0 }
  return { position: { partition, offset }, note: { ledger, receiptTime: noon } }
}
