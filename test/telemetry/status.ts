import type { Status } from '../../src/core/status.ts'

/** A status with something in every field. */
export const exampleStatus: Status = {
  version: '0.1.0',
  startedAt: 1_795_500_000_000,
  ready: true,
  reasons: [],
  listeners: [
    {
      name: 'syslog',
      address: '127.0.0.1',
      port: 5514,
      connections: 4,
      frames: 100,
      framesPerSecond: 12.5,
      bytes: 100_000,
      problems: { truncated: 3 },
      waiting: 2
    }
  ],
  journal: {
    kind: 'disk',
    where: 'data/journal',
    state: 'ok',
    bytes: 4096,
    maxBytes: 1_000_000,
    retainedBytes: 1024,
    partitions: [{ partition: 0, oldest: 0, end: 4096, since: 1_795_499_000_000 }],
    records: 10,
    syncs: 8,
    damaged: { stretches: 3, bytes: 700, copies: 2 }
  },
  worker: { restarts: 2, lastFailure: { message: 'a bug', at: 1_795_500_000_500 } },
  lanes: [
    {
      name: 'elasticsearch',
      sink: 'elasticsearch',
      partition: 0,
      state: 'retrying',
      position: 2048,
      lagBytes: 2048,
      lagSeconds: 1.5,
      ledger: { received: 100, stored: 80, duplicate: 4, joined: 3, folded: 2, filtered: 1, dead: 3, lost: 2 },
      lost: [
        {
          reason: 'journal_full',
          frames: 2,
          from: 1_795_499_000_000,
          to: 1_795_499_060_000,
          begin: 0,
          end: 900,
          stretches: 1
        }
      ],
      since: 1_795_400_000_000,
      committedAt: 1_795_500_000_900,
      inFlight: 5,
      batches: 9,
      retries: 1,
      refused: 6,
      framesPerSecond: 10,
      lastError: { code: 'SINK_UNAVAILABLE', message: 'Elasticsearch answered 503', at: 1_795_500_001_000 },
      where: 'Kibana, data stream logs-cloudfoundry.app-default'
    }
  ],
  memory: {
    frames: { usedBytes: 8192, maxBytes: 33_554_432, waiting: 1, waits: 4 },
    bodies: { usedBytes: 0, maxBytes: 33_554_432, waiting: 0, waits: 0 },
    decoded: { usedBytes: 1_000_000, maxBytes: 33_554_432, waiting: 0, waits: 0 }
  },
  deadLetters: [{ lane: 'elasticsearch', letters: 3, files: 1, bytes: 4500, putBack: 7 }],
  replays: [{ lane: 'elasticsearch', frames: 60, stored: 20, replaced: 10, duplicate: 15, filtered: 14, refused: 1 }],
  lostBefore: { messages: 10_000, rateLimits: 4, counterGaps: 2 },
  marks: { unparsed: 2 },
  processors: [{ name: 'router-log', events: 40, busyMs: 2000, failed: 1, lastError: 'a bug' }],
  sources: 12
}
