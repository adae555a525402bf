import type { Ledger } from '../core/contract.ts'
import type { JournalStatus, LaneStatus, MemoryShare, ProcessorStatus, Status } from '../core/status.ts'
import type { ProcessSnapshot } from './process.ts'

/** What a scrape sees. */
export interface Snapshot {
  readonly status: Status
  readonly process: ProcessSnapshot
  readonly tail: { readonly clients: number; readonly dropped: number }
}

/** One value and its labels, in the order of the definition's `labels`. */
export type Sample = readonly [value: number, ...labels: (string | number)[]]

export interface Definition {
  readonly name: string
  readonly help: string
  readonly type: 'counter' | 'gauge'
  readonly labels: readonly Label[]
  readonly samples: (snapshot: Snapshot) => readonly Sample[]
}

/** All labels there are: every one has few values. */
type Label =
  | 'version'
  | 'listener'
  | 'problem'
  | 'state'
  | 'lane'
  | 'sink'
  | 'partition'
  | 'outcome'
  | 'mark'
  | 'processor'
  | 'share'

const gauge = (name: string, help: string, labels: readonly Label[], samples: Definition['samples']): Definition => ({
  name,
  help,
  type: 'gauge',
  labels,
  samples
})

const counter = (name: string, help: string, labels: readonly Label[], samples: Definition['samples']): Definition => ({
  ...gauge(name, help, labels, samples),
  type: 'counter'
})

const outcomes = [
  'stored',
  'duplicate',
  'joined',
  'folded',
  'filtered',
  'dead',
  'lost'
] as const satisfies (keyof Ledger)[]
const journalStates: readonly JournalStatus['state'][] = ['ok', 'full', 'failing']
const laneStates: readonly LaneStatus['state'][] = ['starting', 'running', 'retrying', 'stopped']
const laneLabels = ['lane', 'sink', 'partition'] as const

const lanes =
  (value: (lane: LaneStatus) => number): Definition['samples'] =>
  ({ status }) =>
    status.lanes.map(lane => [value(lane), lane.name, lane.sink, lane.partition])

const processors =
  (value: (processor: ProcessorStatus) => number): Definition['samples'] =>
  ({ status }) =>
    status.processors.map(processor => [value(processor), processor.name])

const truth = (yes: boolean): number => (yes ? 1 : 0)

const memory =
  (value: (share: MemoryShare) => number): Definition['samples'] =>
  ({ status }) =>
    (['frames', 'bodies', 'decoded'] as const).map(name => [value(status.memory[name]), name])

const replayOutcomes = ['stored', 'replaced', 'duplicate', 'filtered', 'refused'] as const

/** Every metric of ours: `culvert_<noun>_<unit>_total`, and the process under the names that dashboards know. */
export const definitions: readonly Definition[] = [
  gauge('culvert_info', 'Always 1; the version is a label.', ['version'], ({ status }) => [[1, status.version]]),
  gauge('culvert_ready', '1 when /health/ready answers 200.', [], ({ status }) => [[truth(status.ready)]]),
  gauge('culvert_sources', 'Distinct sources in memory.', [], ({ status }) => [[status.sources]]),

  counter(
    'culvert_marked_events_total',
    'Events that were kept although something was wrong with them, by what.',
    ['mark'],
    ({ status }) => Object.entries(status.marks).map(([mark, count]): Sample => [count, mark])
  ),
  counter(
    'culvert_processor_events_total',
    'Events that a processor was given, in all lanes.',
    ['processor'],
    processors(({ events }) => events)
  ),
  counter(
    'culvert_processor_busy_seconds_total',
    'Time that a processor took, in all lanes.',
    ['processor'],
    processors(({ busyMs }) => busyMs / 1000)
  ),
  counter(
    'culvert_processor_failed_events_total',
    'Events on which a processor threw: they are kept and marked.',
    ['processor'],
    processors(({ failed }) => failed)
  ),

  gauge('culvert_listener_connections', 'Open connections.', ['listener'], ({ status }) =>
    status.listeners.map(({ name, connections }) => [connections, name])
  ),
  counter('culvert_listener_frames_total', 'Frames taken in.', ['listener'], ({ status }) =>
    status.listeners.map(({ name, frames }) => [frames, name])
  ),
  counter('culvert_listener_bytes_total', 'Bytes taken in.', ['listener'], ({ status }) =>
    status.listeners.map(({ name, bytes }) => [bytes, name])
  ),
  counter(
    'culvert_listener_problems_total',
    'Frames or connections with something wrong, by what.',
    ['listener', 'problem'],
    ({ status }) =>
      status.listeners.flatMap(({ name, problems }) =>
        Object.entries(problems).map(([problem, count]): Sample => [count, name, problem])
      )
  ),

  gauge(
    'culvert_listener_waiting_posts',
    'POSTs that wait until every lane has delivered them (CULVERT_DRAIN_ACKNOWLEDGE=delivered).',
    ['listener'],
    ({ status }) =>
      status.listeners.flatMap(({ name, waiting }): Sample[] => (waiting === undefined ? [] : [[waiting, name]]))
  ),

  gauge(
    'culvert_memory_used_bytes',
    'What was received and is on its way: parts of frames, bodies of POSTs, decoded records.',
    ['share'],
    memory(({ usedBytes }) => usedBytes)
  ),
  gauge(
    'culvert_memory_limit_bytes',
    'Most of each share of CULVERT_MEMORY_BUDGET.',
    ['share'],
    memory(({ maxBytes }) => maxBytes)
  ),
  gauge(
    'culvert_memory_waiting',
    'Connections or POSTs that wait for room.',
    ['share'],
    memory(({ waiting }) => waiting)
  ),
  counter(
    'culvert_memory_waits_total',
    'Times that one had to wait.',
    ['share'],
    memory(({ waits }) => waits)
  ),

  gauge('culvert_journal_bytes', 'Bytes that the journal holds.', [], ({ status }) => [[status.journal.bytes]]),
  gauge('culvert_journal_limit_bytes', 'Bytes that the journal may hold.', [], ({ status }) => [
    [status.journal.maxBytes]
  ]),
  gauge(
    'culvert_journal_retained_bytes',
    'Bytes that every lane has committed; they go first when room is needed.',
    [],
    ({ status }) => [[status.journal.retainedBytes]]
  ),
  gauge(
    'culvert_journal_oldest_timestamp_seconds',
    'Receipt of the oldest record that is kept, in seconds since 1970.',
    ['partition'],
    ({ status }) =>
      status.journal.partitions.flatMap(({ partition, since }): Sample[] =>
        since === undefined ? [] : [[since / 1000, partition]]
      )
  ),
  counter('culvert_journal_records_total', 'Records made safe.', [], ({ status }) => [[status.journal.records]]),
  counter('culvert_journal_syncs_total', 'Syncs of the journal to disk.', [], ({ status }) => [[status.journal.syncs]]),
  counter(
    'culvert_journal_damaged_stretches_total',
    'Stretches without a whole record that were skipped.',
    [],
    ({ status }) => [[status.journal.damaged.stretches]]
  ),
  counter('culvert_journal_damaged_bytes_total', 'Bytes of damaged stretches.', [], ({ status }) => [
    [status.journal.damaged.bytes]
  ]),
  gauge('culvert_journal_state', '1 for the state that the journal is in.', ['state'], ({ status }) =>
    journalStates.map(state => [truth(status.journal.state === state), state])
  ),

  counter(
    'culvert_lane_received_frames_total',
    'Frames that a lane has read.',
    laneLabels,
    lanes(lane => lane.ledger.received)
  ),
  counter(
    'culvert_lane_frames_total',
    'Frames by what became of them; their sum and those in flight are the received ones.',
    [...laneLabels, 'outcome'],
    ({ status }) =>
      status.lanes.flatMap(lane =>
        outcomes.map((outcome): Sample => [lane.ledger[outcome], lane.name, lane.sink, lane.partition, outcome])
      )
  ),
  gauge(
    'culvert_lane_in_flight_frames',
    'Frames read and not committed.',
    laneLabels,
    lanes(lane => lane.inFlight)
  ),
  gauge(
    'culvert_lane_lag_bytes',
    'Journal behind a lane’s cursor.',
    laneLabels,
    lanes(lane => lane.lagBytes)
  ),
  gauge(
    'culvert_lane_lag_seconds',
    'Age of the oldest record that a lane has not committed.',
    laneLabels,
    lanes(lane => lane.lagSeconds)
  ),
  counter(
    'culvert_lane_batches_total',
    'Batches written.',
    laneLabels,
    lanes(lane => lane.batches)
  ),
  counter(
    'culvert_lane_retries_total',
    'Writes that were repeated.',
    laneLabels,
    lanes(lane => lane.retries)
  ),
  counter(
    'culvert_lane_refused_events_total',
    'Events that the store refused, for now or for good, each time that it did.',
    laneLabels,
    lanes(lane => lane.refused)
  ),
  gauge('culvert_lane_state', '1 for the state that a lane is in.', [...laneLabels, 'state'], ({ status }) =>
    status.lanes.flatMap(lane =>
      laneStates.map((state): Sample => [truth(lane.state === state), lane.name, lane.sink, lane.partition, state])
    )
  ),

  counter(
    'culvert_delivery_worker_restarts_total',
    'Times that the delivery worker failed and was started again.',
    [],
    ({ status }) => [[status.worker.restarts]]
  ),

  counter(
    'culvert_lost_before_messages_total',
    'Messages that were lost before they came to us, as the platform says.',
    [],
    ({ status }) => [[status.lostBefore.messages]]
  ),
  counter(
    'culvert_lost_before_rate_limits_total',
    'Times that the platform said that an instance logged too much; it does not say how many lines were lost.',
    [],
    ({ status }) => [[status.lostBefore.rateLimits]]
  ),
  counter(
    'culvert_lost_before_counter_gaps_total',
    'Gaps between counters’ totals and the sums of their deltas.',
    [],
    ({ status }) => [[status.lostBefore.counterGaps]]
  ),

  gauge('culvert_dead_letters', 'Dead letters that wait to be put back.', ['lane'], ({ status }) =>
    status.deadLetters.map(({ lane, letters }) => [letters, lane])
  ),
  gauge('culvert_dead_letters_bytes', 'Bytes of dead-letter files.', ['lane'], ({ status }) =>
    status.deadLetters.map(({ lane, bytes }) => [bytes, lane])
  ),
  counter('culvert_dead_letters_put_back_total', 'Dead letters that a store took after all.', ['lane'], ({ status }) =>
    status.deadLetters.map(({ lane, putBack }) => [putBack, lane])
  ),

  counter(
    'culvert_replayed_frames_total',
    'Frames of the journal that a lane’s sink got once more, by what became of them; the lane’s own books leave them out.',
    ['lane', 'outcome'],
    ({ status }) =>
      status.replays.flatMap(counts => replayOutcomes.map((outcome): Sample => [counts[outcome], counts.lane, outcome]))
  ),

  gauge('culvert_tail_clients', 'Clients of the live tail.', [], ({ tail }) => [[tail.clients]]),
  counter('culvert_tail_dropped_rows_total', 'Rows that a slow client of the tail did not get.', [], ({ tail }) => [
    [tail.dropped]
  ]),

  gauge('process_start_time_seconds', 'Start, in seconds since 1970.', [], ({ status }) => [[status.startedAt / 1000]]),
  counter('process_cpu_seconds_total', 'CPU time of all threads.', [], ({ process }) => [[process.cpuSeconds]]),
  gauge('process_resident_memory_bytes', 'Resident memory.', [], ({ process }) => [[process.residentBytes]]),
  gauge('nodejs_heap_size_used_bytes', 'Heap in use, main thread.', [], ({ process }) => [[process.heapUsedBytes]]),
  gauge('nodejs_heap_size_total_bytes', 'Heap, main thread.', [], ({ process }) => [[process.heapTotalBytes]]),
  gauge(
    'nodejs_eventloop_lag_p99_seconds',
    '99th percentile since the last scrape, main thread.',
    [],
    ({ process }) => [[process.eventLoopLagP99Seconds]]
  ),
  gauge('nodejs_eventloop_lag_max_seconds', 'Longest since the last scrape, main thread.', [], ({ process }) => [
    [process.eventLoopLagMaxSeconds]
  ])
]
