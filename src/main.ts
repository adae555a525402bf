import { join } from 'node:path'
import { createHttpsDrain } from '../ingest/https-drain.ts'
import { createRoom } from '../ingest/room.ts'
import { createStdin, type Stdin } from '../ingest/stdin.ts'
import { createSyslog } from '../ingest/syslog.ts'
import { createLocalQueries } from '../sinks/local/queries.ts'
import type { Addresses } from './banner.ts'
import { type Config, loadConfig } from './config.ts'
import { createGeneration } from './core/identity.ts'
import type { LaneStatus, ListenerStatus, Status } from './core/status.ts'
import { createDeadLetterDesk } from './dead-letters/desk.ts'
import { createDelivered } from './delivered.ts'
import { createDelivery, type WorkerSetting } from './delivery.ts'
import { createHttp } from './http/http.ts'
import { createDiskJournal } from './journal/disk.ts'
import { ledgerReport } from './ledger-report.ts'
import { createRateRing, type RateIncrement } from './rates.ts'
import { reasonsOf } from './readiness.ts'
import { createReplayDesk } from './replay/desk.ts'
import { createStopOrder, stopTimes } from './stop-order.ts'
import { createJournalLog } from './telemetry/journal-log.ts'
import type { Log } from './telemetry/log.ts'
import { createMetrics } from './telemetry/metrics.ts'
import { createThroughput } from './throughput.ts'
import { type FramesLeft, type Undelivered, undelivered } from './undelivered.ts'

export interface CulvertOptions {
  readonly env: Readonly<Record<string, string | undefined>>
  readonly log: Log
  readonly version: string
  /** Lines to take besides what comes over the network. */
  readonly stdin?: NodeJS.ReadableStream
  readonly worker?: WorkerSetting
  /** Where lanes decide on a POST's answer: how long one may wait for them, 15 s by default. */
  readonly deliveryTimeoutMs?: number
}

export interface Culvert {
  readonly config: Config
  readonly addresses: Addresses
  status(): Promise<Status>
  /** What is not delivered now: it waits in the journal. Frames are counted once the lanes have stopped. */
  left(): readonly Undelivered[]
  /** Stops in order within ten seconds. Safe to call twice. */
  stop(): Promise<void>
}

/** Answers that are ready get so long to go out before connections are cut. */
const answeringMs = 250
const pulseMs = 1000
/** A lane of a partition, in the throughput. */
const keyOf = ({ name, partition }: Pick<LaneStatus, 'name' | 'partition'>): string => `lane ${name} ${partition}`

/** Where npm's `prepare` puts the console. */
const consoleDir = join(import.meta.dirname, '..', 'dist', 'console')

/** Starts everything, or nothing: what was opened before an error is closed again. Errors are CulvertErrors. */
export async function startCulvert({
  env,
  log,
  version,
  stdin,
  worker,
  deliveryTimeoutMs
}: CulvertOptions): Promise<Culvert> {
  const config = await loadConfig(env)
  const startedAt = Date.now()
  const opened = createStopOrder(log)

  try {
    const lanes = config.sinks.map(({ name, whenFull }) => ({ name, whenFull }))
    const journal = createDiskJournal({ ...config.journal, lanes })
    const { damaged, tornBytes } = await journal.open()
    opened.add('journal', 'journal', () => journal.stop())
    if (damaged > 0) log.error({ damaged }, 'Damaged stretches of the journal were skipped.')
    if (tornBytes > 0)
      log.info({ tornBytes }, 'An unfinished write was cut off the journal; nobody was told that it was safe.')

    const ring = createRateRing(startedAt)
    const onRates = (increments: readonly RateIncrement[]): void => ring.add(increments, Date.now())
    const delivered = createDelivered({ lanes: lanes.map(({ name }) => name), timeoutMs: deliveryTimeoutMs })
    const delivery = createDelivery({ env, journal, log, onCommitted: delivered.committed, onRates, worker })
    const deadLetters = createDeadLetterDesk({ dir: config.dataDir, putBack: query => delivery.putBack(query) })
    const replay = createReplayDesk({
      range: query => delivery.replayRange(query),
      step: query => delivery.replayStep(query)
    })
    const generation = createGeneration()
    const room = createRoom(config.memoryBytes / 3)
    const intake = { journal, partitions: config.journal.partitions, generation, log, room }
    const { maxFrameBytes, ephemeral } = config
    const { acknowledge = 'stored', ...credentials } = config.drain ?? {}
    const readingMs = ephemeral ? 0 : stopTimes.reading
    /** Where the journal is not to be trusted, a stop delivers as much as it can. */
    const readOn = ephemeral || acknowledge === 'delivered'
    let framesLeft: readonly FramesLeft[] = []
    const drain = createHttpsDrain({
      ...intake,
      ...credentials,
      maxFrameBytes,
      ...(acknowledge === 'delivered' ? { delivered } : {})
    })
    let lines: Stdin | undefined
    const listeners = config.syslog.map(options =>
      createSyslog({ ...intake, options: { ...options, drainMs: readingMs } })
    )
    const local = config.sinks.some(({ kind }) => kind === 'local')
    const queries = local
      ? createLocalQueries({ dir: config.dataDir, warn: (fields, sentence) => log.warn(fields, sentence) })
      : undefined
    if (queries !== undefined) opened.add('lanes', 'queries', () => queries.stop())

    /** Once a second: how fast frames come in and are settled, and whether the journal takes them. */
    const throughput = createThroughput()
    const tellOfJournal = createJournalLog(log)
    const pulse = setInterval(() => {
      const web = (['http', 'https'] as const).map((name): [string, number] => [name, drain.status(name).frames])
      const streams = [...listeners, ...(lines === undefined ? [] : [lines])].map(listener => listener.status())
      const settled = delivery.status().lanes.map((lane): [string, number] => [keyOf(lane), lane.ledger.received])
      const came = streams.map(({ name, frames }): [string, number] => [name, frames])
      throughput.sample([...web, ...came, ...settled], performance.now())
      tellOfJournal(journal.status())
    }, pulseMs)
    opened.add('input', 'pulse', async () => clearInterval(pulse))

    async function status(): Promise<Status> {
      const { lanes, sources, decodedBytes, marks, processors, problem, worker } = delivery.status()
      const { messages, rateLimits, counterGaps } = delivery.lostBefore()
      const state = journal.status()
      const reasons = reasonsOf(state, lanes, problem)
      return {
        version,
        startedAt,
        ready: reasons.length === 0,
        reasons,
        listeners: [
          ...listeners.map(listener => listener.status()),
          ...(await httpStatus()),
          ...(lines === undefined ? [] : [lines.status()])
        ].map(listener => ({ ...listener, framesPerSecond: throughput.perSecond(listener.name) })),
        journal: state,
        memory: {
          frames: room.status(),
          bodies: http.bodies(),
          decoded: { usedBytes: decodedBytes, maxBytes: config.memoryBytes / 3, waiting: 0, waits: 0 }
        },
        worker,
        lanes: lanes.map(lane => ({ ...lane, framesPerSecond: throughput.perSecond(keyOf(lane)) })),
        deadLetters: await deadLetters.counts(),
        replays: replay.counts(),
        lostBefore: { messages, rateLimits, counterGaps },
        sources,
        marks,
        processors
      }
    }

    const metrics = createMetrics({ status, tail: () => http.tail() })
    const http = await createHttp({
      config,
      ...(config.drain === undefined ? {} : { drain }),
      status,
      ledger: async () => ledgerReport(await status(), delivery.lostBefore(), Date.now()),
      rates: () => ring.rates(Date.now()),
      tail: delivery,
      deadLetters,
      restartLane: name => delivery.restartLane(name),
      replay,
      ...(queries === undefined ? {} : { queries }),
      metrics,
      log,
      version,
      consoleDir
    })

    /** What HTTP knows of its ports, and the drain of what came in there. */
    async function httpStatus(): Promise<ListenerStatus[]> {
      return (await http.listeners()).map(port => {
        const counts = drain.status(port.name)
        return { ...port, ...counts, problems: { ...counts.problems, ...port.problems } }
      })
    }

    delivery.start()
    opened.add('lanes', 'delivery', async sinceMs => {
      framesLeft = await delivery.stop(Math.max(0, stopTimes.delivered - sinceMs), readOn)
    })
    const bound = await http.listen()
    opened.add('input', 'http', async () => {
      metrics.stop()
      await http.quiet(readingMs)
      await drain.stop()
      if (acknowledge === 'stored') await http.stop(answeringMs)
    })
    if (acknowledge === 'delivered') {
      opened.add('journal', 'http', async () => {
        delivered.stop()
        await http.stop(answeringMs)
      })
    }
    for (const listener of listeners) opened.add('input', listener.name, () => listener.stop())
    for (const listener of listeners) await listener.start()
    lines = stdin === undefined ? undefined : createStdin({ ...intake, input: stdin, maxFrameBytes })
    opened.add('input', 'stdin', async () => lines?.stop())

    const plain = listeners.find(({ name }) => name === 'syslog')?.status()
    const overTls = listeners.find(({ name }) => name === 'syslog-tls')?.status()
    const addresses: Addresses = {
      ...bound,
      ...(plain === undefined ? {} : { syslog: plain }),
      ...(overTls === undefined ? {} : { syslogTls: overTls })
    }
    const left = (): readonly Undelivered[] =>
      undelivered(
        lanes.map(({ name }) => name),
        journal.ends(),
        delivered.cursor,
        framesLeft
      )

    return { config, addresses, status, left, stop: opened.run }
  } catch (error) {
    await opened.run().catch(() => undefined)
    throw error
  }
}
