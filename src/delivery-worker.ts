import { setTimeout as pause } from 'node:timers/promises'
import { parentPort, workerData } from 'node:worker_threads'
import { createDecoder } from '../processors/decode.ts'
import { lossReportOf } from '../processors/platform-loss.ts'
import type { ProcessorSetting } from './components/processors.ts'
import { loadConfig } from './config.ts'
import type { LostSpan, Processor } from './core/contract.ts'
import { CulvertError } from './core/errors.ts'
import type { PutBackLane } from './dead-letters/batches.ts'
import { createPutBack } from './dead-letters/put-back.ts'
import { createDeadLetters } from './dead-letters.ts'
import { asCulvertError } from './delivery-attempts.ts'
import { type FromWorker, sharedNow, type ToWorker, type WorkerStart } from './delivery-messages.ts'
import { createDiskReader } from './journal/disk-reader.ts'
import { createLane, type LaneNews } from './lane.ts'
import { createLaneGroup } from './lane-group.ts'
import { createLossBook } from './losses/loss-book.ts'
import { readLosses, writeLosses } from './losses/loss-file.ts'
import { createLossNews } from './losses/loss-news.ts'
import { createMarkCounter } from './mark-counter.ts'
import { createProcessorCounter } from './processor-counter.ts'
import { createRateCounter } from './rates.ts'
import { createReplay } from './replay/replay.ts'
import type { ReplayLane } from './replay/steps.ts'
import { createSharedDecode } from './shared-decode.ts'
import { openSink, shareSink, whereOf } from './sinks.ts'
import { createTail } from './tail.ts'
import { createLog } from './telemetry/log.ts'
import { countFramesLeft } from './undelivered.ts'

/** The delivery worker's thread: reads the journal, decodes, runs the lanes. See docs/architecture.md. */
const statusEveryMs = 500
const tailEveryMs = 100
/** After the deadline of a stop: how long sinks get to close, and the count of what is left. */
const closingMs = 200
const countingMs = 300
/** When no lane reads on for so long, the tail and the charts do. */
const stalledMs = 1000

const port = parentPort
if (port === null) throw new Error('this module is the delivery worker’s thread')
const start: WorkerStart = workerData
const config = await loadConfig(start.env)
const log = createLog({ level: config.logLevel, terminal: process.stdout.isTTY === true })
const say = (message: FromWorker): void => port.postMessage(message)

const journal = createDiskReader({
  dir: config.dataDir,
  ends: start.ends,
  onDamage(error, stretch) {
    log.error({ code: error.code }, error.message)
    if (stretch !== undefined) say({ type: 'damaged', stretch })
  }
})
const rates = createRateCounter()
const marks = createMarkCounter()
const meter = createProcessorCounter()
const tail = createTail((id, rows, dropped) => say({ type: 'rows', id, rows, dropped }))

/** As its dead letters name a lane. */
const letterLane = (name: string, partition: number): string => (partition === 0 ? name : `${name}-${partition}`)

/** Anew for each place where they run: they may have state. */
const made = (settings: readonly ProcessorSetting[]): Processor[] => settings.map(({ create }) => create())

const partitions = start.ends.map(({ partition, end }) => {
  const decoder = createDecoder()
  const losses = createLossBook({
    state: readLosses(config.dataDir, partition, error => log.error({ code: error.code }, error.message)),
    end,
    save: state => writeLosses(config.dataDir, partition, state),
    lossReportOf
  })
  const shared = createSharedDecode({
    reader: journal,
    partition,
    decode: record => decoder.decode(record),
    processors: made(config.processors),
    meter,
    maxBytes: config.memoryBytes / 3 / start.ends.length,
    onHead(entry, given) {
      losses.see(entry, given)
      if (entry.kind !== 'record') return
      rates.count(entry.events, entry.record.receiptTime)
      marks.count(entry.events)
      tail.see(entry.events)
    }
  })
  return { partition, decoder, losses, shared }
})

const putBackLanes: PutBackLane[] = []
const replayLanes: ReplayLane[] = []

const groups = config.sinks.map(sinkConfig => {
  const { name, processors } = sinkConfig
  const all = (): Processor[] => made([...config.processors, ...processors])
  const warn = (fields: object, sentence: string): void => log.warn({ sink: name, ...fields }, sentence)
  const letters = partitions.map(({ partition }) =>
    createDeadLetters({ dir: config.dataDir, lane: letterLane(name, partition) })
  )
  const group = createLaneGroup({
    name,
    openSinks: () => shareSink(openSink(sinkConfig, warn), partitions.length),
    openLane(sink, place) {
      const { partition, shared, losses } = partitions[place]!
      return createLane({
        name,
        partition,
        sink,
        createProcessors: () => made(processors),
        meter,
        journal,
        decoded: shared.createReader(),
        deadLetters: letters[place]!,
        start: 'oldest',
        where: whereOf(sinkConfig),
        async beforeCommit(offset) {
          await shared.readTo(offset)
          await losses.safeUpTo(offset)
        },
        onCommit: offset => say({ type: 'committed', lane: name, partition, offset }),
        onReady: offset => shared.begin(offset),
        onNews: news => tell(name, news)
      })
    }
  })
  for (const [place, { partition }] of partitions.entries()) {
    putBackLanes.push({
      lane: letterLane(name, partition),
      get sink() {
        return group.sink(place)
      },
      processors: all(),
      letters: letters[place]!
    })
    replayLanes.push({
      name,
      partition,
      get sink() {
        return group.sink(place)
      },
      processors: all(),
      committed() {
        const { state, position } = group.lane(place).status()
        return state === 'starting' ? undefined : position
      }
    })
  }
  return group
})
const putBackDecoder = createDecoder()
const putBack = createPutBack({
  dir: config.dataDir,
  lanes: putBackLanes,
  decode: record => putBackDecoder.decode(record)
})
const replayDecoder = createDecoder()
const replay = createReplay({ journal, lanes: replayLanes, decode: record => replayDecoder.decode(record) })
const ending = new AbortController()
const allLanes = () => groups.flatMap(({ lanes }) => lanes)

function tell(sink: string, news: LaneNews): void {
  if (news.kind === 'retry') {
    log.warn(
      { sink, code: news.error.code, reason: news.error.message, events: news.events, waitMs: Math.round(news.waitMs) },
      'Write failed and will be retried.'
    )
  } else if (news.kind === 'recovered') log.info({ sink }, 'Writes succeed again.')
  else if (news.kind === 'dead')
    log.error({ sink, events: news.events }, 'The service refused events for good; they are in the dead letters.')
  else if (news.kind === 'lost')
    log.error(
      { sink, reason: news.span.reason, frames: news.span.frames, ...receivedIn(news.span) },
      'The journal was full, so the lane gave up its oldest lines (CULVERT_WHEN_FULL=skip).'
    )
  else
    log.error(
      { sink, code: news.error.code, reason: news.error.message },
      'The lane stopped and begins anew at its last commit.'
    )
}

const receivedIn = ({ from, to }: LostSpan) => ({
  receivedFrom: new Date(from).toISOString(),
  receivedTo: new Date(to).toISOString()
})

function sendStatus(): void {
  say({
    type: 'status',
    lanes: allLanes().map(lane => lane.status()),
    sources: partitions.reduce((sum, { decoder }) => sum + decoder.sources, 0),
    decodedBytes: partitions.reduce((sum, { shared }) => sum + shared.keptBytes, 0),
    marks: marks.take(),
    processors: meter.take(),
    rates: rates.take()
  })
}

const tellLosses = partitions.map(({ partition, losses }) =>
  createLossNews(losses, log, book => say({ type: 'losses', partition, book }))
)

/** Where the disk does not take them, no lane commits past them, and says why. */
const saveLosses = () => Promise.allSettled(partitions.map(({ losses }) => losses.save()))

const timers = [
  setInterval(sendStatus, statusEveryMs),
  setInterval(() => {
    for (const tellLoss of tellLosses) tellLoss()
    void saveLosses()
  }, statusEveryMs),
  setInterval(() => tail.flush(), tailEveryMs),
  setInterval(() => {
    for (const { partition, shared } of partitions) {
      shared.follow(journal.bounds(partition).end, stalledMs, 64).catch((error: unknown) => {
        if (!stopping) log.warn({ error }, 'Reading on for the tail failed.')
      })
    }
  }, stalledMs / 2)
]

let stopping = false
const lanesLeft = () =>
  allLanes()
    .map(lane => lane.status())
    .filter(({ lagBytes }) => lagBytes > 0)

async function stop(deadlineMs: number, readOn: boolean): Promise<void> {
  if (stopping) return
  stopping = true
  ending.abort()
  const to = (place: number): number => (readOn ? journal.bounds(partitions[place]!.partition).end : 0)
  const stopped = groups.map(group => group.stop(deadlineMs, to))
  // A sink that does not close must not keep us from counting.
  await Promise.race([Promise.all(stopped), pause(deadlineMs + closingMs)])
  const left = await countFramesLeft(journal, lanesLeft(), countingMs)
  for (const timer of timers) clearInterval(timer)
  for (const { shared } of partitions) shared.close()
  for (const tellLoss of tellLosses) tellLoss()
  await saveLosses()
  await journal.stop()
  sendStatus()
  say({ type: 'stopped', left })
  port?.close()
}

async function restartLane(name: string): Promise<void> {
  const group = groups.find(other => other.name === name)
  if (group === undefined) throw new CulvertError('NOT_FOUND', `There is no lane ${name}.`)
  log.info({ lane: name }, 'The lane stops at a commit and starts anew, as asked.')
  await group.restart()
}

function answer<A>(id: number, answered: Promise<A>, toMessage: (answer: A) => FromWorker): void {
  answered.then(
    content => say(toMessage(content)),
    (error: unknown) => {
      const { code, message } = asCulvertError(error, 'INTERNAL')
      say({ type: 'failed', id, code, message })
    }
  )
}

port.on('message', (message: ToWorker) => {
  if (message.type === 'end') journal.advance(message.end)
  else if (message.type === 'skip') {
    const place = partitions.findIndex(({ partition }) => partition === message.partition)
    for (const group of groups) if (group.name === message.lane) group.lane(place).skip(message.to)
  } else if (message.type === 'watch') tail.watch(message.id, message.filter)
  else if (message.type === 'unwatch') tail.unwatch(message.id)
  else if (message.type === 'put-back') {
    const { id } = message
    answer(id, putBack(message.query, ending.signal), step => ({ type: 'put-back', id, step }))
  } else if (message.type === 'replay-range') {
    const { id } = message
    answer(id, replay.range(message.query), range => ({ type: 'replay-range', id, range }))
  } else if (message.type === 'replay-step') {
    const { id } = message
    answer(id, replay.step(message.query, ending.signal), step => ({ type: 'replay-step', id, step }))
  } else if (message.type === 'restart-lane') {
    const { id } = message
    answer(id, restartLane(message.lane), () => ({ type: 'restarted', id }))
  } else {
    stop(Math.max(0, message.deadline - sharedNow()), message.readOn).catch((error: unknown) => {
      throw error
    })
  }
})

for (const group of groups) group.start()
