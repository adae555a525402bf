import { z } from 'zod'
import { type Ledger, type LostSpan, lostReasons } from '../core/contract.ts'
import type {
  DeadLetterCount,
  DeadLetterPage,
  DeadLetterReason,
  DeadLetterReasons,
  DeadLetterRow,
  DeadLetterWhole,
  PutBackOfLane,
  PutBackStep
} from '../core/dead-letter.ts'
import { errorCodes } from '../core/errors.ts'
import type { LaneBooks, LedgerReport } from '../core/ledger-report.ts'
import { type LossEntry, type LossTotals, type LostBefore, lossKinds } from '../core/losses.ts'
import type { LogRow, PlainRequest, PlainSource } from '../core/plain.ts'
import { listeners } from '../core/record.ts'
import type { ReplayCount, ReplayPart, ReplayRange, ReplayStep } from '../core/replay.ts'
import type { Container, LogPage, MetricName, MetricSeries } from '../core/search.ts'
import type {
  Flowing,
  JournalStatus,
  LaneStatus,
  ListenerStatus,
  MemoryShare,
  MemoryStatus,
  PartitionStatus,
  ProcessorStatus,
  Rates,
  Status,
  WorkerStatus
} from '../core/status.ts'

/**
 * The answers' shapes as schemas, for OpenAPI only: answers are not checked against them. The compiler sees to it that every
 * field of the real type is described.
 */
type Describes<T> = z.ZodObject<{ [K in keyof Required<T>]: z.ZodType }>

const text = z.string()
const count = z.number().int().min(0)
const ms = z.number().describe('ms since 1970')

const source = z.object({
  org: text,
  space: text,
  app: text,
  appId: text,
  type: text,
  instance: text,
  process: text
}) satisfies Describes<PlainSource>

const request = z
  .object({
    method: text,
    host: text,
    path: text,
    query: text,
    status: z.number(),
    responseTimeMs: z.number(),
    bytesReceived: z.number(),
    bytesSent: z.number(),
    userAgent: text,
    remoteAddress: text,
    requestId: text,
    routerError: text
  } satisfies Record<keyof PlainRequest, z.ZodType>)
  .partial()

export const logRow = z.object({
  id: text.describe('The same line always has the same id.'),
  time: text.describe('ISO 8601 with nine digits.'),
  receivedAt: ms,
  kind: z.enum(['log', 'event']),
  level: text,
  stream: text.optional(),
  message: text,
  source,
  http: request.optional().describe('On router lines.'),
  app: z.record(text, z.unknown()).optional().describe('The app’s own JSON object.'),
  error: z.object({ type: text, message: text, stack: text }).partial().optional(),
  traceId: text.optional(),
  spanId: text.optional(),
  marks: z.array(text).optional().describe('What was wrong with a line that is kept all the same.'),
  problem: text.optional().describe('Why the frame could not be parsed.'),
  original: text.optional().describe('The line’s bytes in base64, where they are no UTF-8.')
}) satisfies Describes<LogRow>

export const logPage = z.object({
  logs: z.array(logRow),
  next: text.optional().describe('Send it as `cursor` to get older rows; absent on the last page.')
}) satisfies Describes<LogPage>

const series = z.object({
  name: text,
  kind: text,
  unit: text,
  source,
  points: z.array(z.tuple([ms, z.number()]))
}) satisfies Describes<MetricSeries>

const name = z.object({ name: text, kind: text, unit: text, apps: z.array(text) }) satisfies Describes<MetricName>

const bytes = z.number().optional().describe('bytes')

const container = z.object({
  source,
  at: ms,
  cpu: z.number().optional().describe('percent of one core'),
  memory: bytes,
  memoryQuota: bytes,
  disk: bytes,
  diskQuota: bytes
}) satisfies Describes<Container>

export const metricsAnswer = z.object({ series: z.array(series) })
export const namesAnswer = z.object({ names: z.array(name) })
export const containersAnswer = z.object({ containers: z.array(container) })

const perSecond = z.array(count)

export const ratesAnswer = z.object({
  from: ms.describe('Start of the first second, ms since 1970; at most the last 15 minutes, less after a start.'),
  stepMs: z.literal(1000),
  levels: z.record(text, perSecond),
  statuses: z.record(text, perSecond),
  metrics: perSecond
}) satisfies Describes<Rates>

const framesPerSecond = z.number().describe('Mean of the last ten seconds.')

const listener = z.object({
  name: z.enum(listeners),
  address: text,
  port: count,
  connections: count,
  frames: count,
  framesPerSecond,
  bytes: count,
  problems: z.record(text, count),
  waiting: count.optional().describe('POSTs that wait until every lane has delivered them.')
}) satisfies Describes<Flowing<ListenerStatus>>

const damaged = z
  .object({ stretches: count, bytes: count, copies: count })
  .describe('Stretches that held no whole record and were skipped since the start, and copies of them in `damaged/`.')

const journal = z.object({
  kind: z.enum(['disk', 'kafka']),
  where: text,
  state: z.enum(['ok', 'full', 'failing']),
  reason: text.optional(),
  bytes: count,
  maxBytes: count,
  retainedBytes: count.describe('What every lane has committed and is kept; it goes first when room is needed.'),
  partitions: z.array(
    z.object({
      partition: count,
      oldest: count,
      end: count,
      since: ms.describe('Receipt time of the oldest record that is kept, ms since 1970.').optional()
    }) satisfies Describes<PartitionStatus>
  ),
  records: count,
  syncs: count,
  damaged
}) satisfies Describes<JournalStatus>

const code = z.enum(Object.keys(errorCodes))

const worker = z.object({
  restarts: count.describe('Times that the delivery worker failed and was started again.'),
  lastFailure: z.object({ message: text, at: ms }).optional()
}) satisfies Describes<WorkerStatus>

const ledger = z.object({
  received: count,
  stored: count,
  duplicate: count,
  joined: count,
  folded: count,
  filtered: count,
  dead: count,
  lost: count
}) satisfies Describes<Ledger>

const lostSpan = z.object({
  reason: z.enum(lostReasons),
  frames: count,
  from: ms.describe('Receipt time of the first, ms since 1970.'),
  to: ms.describe('Receipt time of the last, ms since 1970.'),
  begin: count.describe('Position of the first.'),
  end: count.describe('Position behind the last.'),
  stretches: count.describe('More than 1: so many that lie between the two.')
}) satisfies Describes<LostSpan>

const lostSpans = z.array(lostSpan).describe('What `ledger.lost` counts, oldest first.')
const booksSince = ms.optional().describe('When the books were opened, ms since 1970.')
const committedAt = ms.optional().describe('The last commit since the start, ms since 1970.')
const laneState = z.enum(['starting', 'running', 'retrying', 'stopped'])

const processor = z.object({
  name: text,
  events: count.describe('That it was given, in all lanes.'),
  busyMs: z.number().describe('Time that it took.'),
  failed: count.describe('Events on which it threw: they are kept and marked.'),
  lastError: text.optional().describe('What it threw last.')
}) satisfies Describes<ProcessorStatus>

const lane = z.object({
  name: text,
  sink: text,
  partition: count,
  state: laneState,
  position: count,
  lagBytes: count,
  lagSeconds: z.number(),
  ledger,
  lost: lostSpans,
  since: booksSince,
  committedAt,
  inFlight: count,
  batches: count,
  retries: count,
  refused: count.describe('Events that the store refused, for now or for good, each time that it did.'),
  framesPerSecond,
  lastError: z.object({ code, message: text, at: ms }).optional(),
  where: text.describe('Where what this lane writes can be seen.')
}) satisfies Describes<Flowing<LaneStatus>>

const share = z.object({
  usedBytes: count,
  maxBytes: count,
  waiting: count.describe('Connections or POSTs that wait for room now.'),
  waits: count.describe('Times that one had to wait, since the start.')
}) satisfies Describes<MemoryShare>

const memory = z.object({
  frames: share.describe('Parts of syslog messages, of all connections.'),
  bodies: share.describe('Bodies of POSTs.'),
  decoded: share.describe('Decoded records; nothing waits for them, a lane that falls behind reads again.')
}) satisfies Describes<MemoryStatus>

const deadLetterCount = z.object({
  lane: text,
  letters: count.describe('Not put back.'),
  files: count,
  bytes: count,
  putBack: count.describe('Since the start.')
}) satisfies Describes<DeadLetterCount>

const replayCounts = {
  frames: count,
  stored: count,
  replaced: count.describe('Written over what the store had.'),
  duplicate: count.describe('Left as the store had them; and POSTs that had come before.'),
  filtered: count.describe('Left out by a rule, or of a kind that the sink does not take.'),
  refused: count.describe('The store blames them; they are no new dead letters.')
}

const replayCount = z.object({ lane: text, ...replayCounts }) satisfies Describes<ReplayCount>
const totals = {
  messages: count.describe('Messages of which the platform says that they were lost before us.'),
  rateLimits: count.describe(
    'Times that it said that an instance logged too much; nobody knows how many lines were lost.'
  ),
  counterGaps: count.describe('Gaps between counters’ totals and the sums of their deltas.')
}

const lossTotals = z.object(totals) satisfies Describes<LossTotals>

const lossEntry = z.object({
  kind: z.enum(lossKinds),
  rest: z.boolean().describe('All that came after there were too many entries of this kind.'),
  appId: text.describe('The app’s guid, or a platform job’s name.'),
  app: text,
  space: text,
  org: text,
  drain: text.optional().describe('Its URL, without user, password and query.'),
  counter: text.optional(),
  limit: text.optional(),
  lost: z.number().describe('Messages, or what is missing of a counter in its own unit; 0 where nobody knows.'),
  reports: count,
  first: ms,
  last: ms
}) satisfies Describes<LossEntry>

const laneBooks = z.object({
  name: text,
  sink: text,
  partition: count,
  where: text,
  state: laneState,
  position: count,
  since: booksSince,
  committedAt,
  received: count.describe('Frames of the books and those in flight.'),
  accountedFor: count.describe('Of all that became of them, in flight included.'),
  balances: z.boolean(),
  ledger,
  inFlight: count,
  lost: lostSpans
}) satisfies Describes<LaneBooks>

export const ledgerAnswer = z.object({
  version: text,
  generatedAt: ms,
  startedAt: ms,
  lanes: z.array(laneBooks),
  lostBefore: z.object({
    since: ms.optional().describe('When this book was opened, ms since 1970.'),
    ...totals,
    entries: z.array(lossEntry).describe('By app, and drain or counter; the newest first.'),
    forgotten: count.describe('Counters that were let go to make room for others.')
  }) satisfies Describes<LostBefore>,
  deadLetters: z.array(deadLetterCount),
  damaged
}) satisfies Describes<LedgerReport>

export const statusAnswer = z.object({
  version: text,
  startedAt: ms,
  ready: z.boolean(),
  reasons: z.array(text).describe('Why not ready; empty when ready.'),
  listeners: z.array(listener),
  journal,
  worker,
  lanes: z.array(lane),
  deadLetters: z.array(deadLetterCount).describe('Of lanes that have any, or had some put back.'),
  memory,
  replays: z.array(replayCount).describe('Of lanes into which somebody replayed the journal since the start.'),
  lostBefore: lossTotals,
  sources: count,
  marks: z.record(text, count).describe('Events that were kept although something was wrong with them, by what.'),
  processors: z.array(processor)
}) satisfies Describes<Status>

const letterRow = z.object({
  id: text.describe('The event’s.'),
  at: text.describe('When it was given up, ISO 8601.'),
  lane: text,
  reason: text.describe('The store’s words.'),
  kind: text.optional().describe('log, event, gauge, counter or timer.'),
  app: text,
  place: text.describe('Org and space.'),
  type: text.describe('Source type.'),
  text: text.describe('The beginning of the line, or a metric’s name and value.'),
  bytes: count.describe('Of the frame.')
}) satisfies Describes<DeadLetterRow>

const skipped = count.describe('Lines of the files that are no letters.')
const olderLetters = text.optional().describe('Send it as `cursor` for older ones; absent at the end.')

export const letterPage = z.object({
  letters: z.array(letterRow).describe('Newest first. A page looks at 64 MiB of the files, and may hold none.'),
  next: olderLetters,
  skipped
}) satisfies Describes<DeadLetterPage>

export const wholeLetter = z.object({
  putBack: z.literal([0, 1]),
  at: text,
  lane: text,
  id: text,
  reason: text,
  receiptTime: ms,
  listener: z.enum(listeners),
  sequence: count.describe('Index of the frame in its record.'),
  tieBreak: count.describe('Digits 7 to 9 of the event’s time.'),
  marks: count.describe('What was wrong with the frame when it came, as bits.'),
  event: z.unknown().optional().describe('As searches and the tail show it.'),
  frame: text.describe('The frame’s bytes in base64.'),
  text: text.describe('The frame as text; what is no UTF-8 is U+FFFD.')
}) satisfies Describes<DeadLetterWhole>

const letterReason = z.object({
  lane: text,
  reason: text.describe('The newest one’s: others differ in numbers and quotations.'),
  q: text.describe('Words that find these letters.'),
  letters: count,
  newest: text,
  oldest: text
}) satisfies Describes<DeadLetterReason>

export const letterReasons = z.object({
  reasons: z.array(letterReason).describe('The most frequent first.'),
  letters: count,
  complete: z.boolean().describe('False: there are more, and these are the newest 64 MiB.'),
  skipped
}) satisfies Describes<DeadLetterReasons>

const putBackOfLane = z.object({
  lane: text,
  putBack: count.describe('The store has them now.'),
  duplicate: count.describe('Of these, what it had already.'),
  refused: count.describe('Refused again: they stay.'),
  problem: text.optional().describe('Why the rest of this lane waits: its store, or the disk, did not take them now.')
}) satisfies Describes<PutBackOfLane>

export const putBackStep = z.object({
  lanes: z.array(putBackOfLane),
  reasons: z.array(text).describe('Why some were refused again, ten at most.'),
  next: olderLetters,
  skipped
}) satisfies Describes<PutBackStep>

const replayPart = z.object({
  partition: count,
  position: count.describe('Where the range begins in the journal.'),
  end: count.describe('Where it ends: at the lane’s cursor, if not before.'),
  waiting: count.describe('Bytes of the range behind the lane’s cursor: they come by themselves.'),
  begins: ms.optional().describe('Receipt time of the oldest record that the journal keeps, ms since 1970.')
}) satisfies Describes<ReplayPart>

export const replayRange = z.object({
  replaces: z.boolean().describe('Whether the sink can write over what it has.'),
  partitions: z.array(replayPart)
}) satisfies Describes<ReplayRange>

export const replayStep = z.object({
  ...replayCounts,
  position: count.describe('Send it as `position` of the next step, until it is `end`.'),
  receivedAt: ms.optional().describe('Receipt time of the last record, ms since 1970.'),
  gone: count.describe('Bytes that hold no record: removed from the journal meanwhile, or damaged.'),
  reasons: z.array(text).describe('Why some were refused, ten at most.')
}) satisfies Describes<ReplayStep>

export const liveAnswer = z.object({ state: z.literal('live') })
export const readyAnswer = z.object({ ready: z.boolean(), reasons: z.array(text) })

export const failure = z.object({
  code,
  message: text,
  advice: text.optional(),
  where: text.optional().describe('With SEARCH_ELSEWHERE: where the logs are.')
})

export const restartedLane = z.object({ lane: text })
