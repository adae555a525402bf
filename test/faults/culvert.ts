import { appendFileSync, globSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import type { Status } from '../../src/core/status.ts'
import { startProduct } from '../product/product.ts'
import { createRandom } from '../traffic/random.ts'
import type { Agents } from './agents.ts'
import { fillDisk } from './disk.ts'
import type { ElasticsearchFaults } from './elasticsearch.ts'
import type { Evidence } from './evidence.ts'
import { numbersIn } from './frames.ts'
import { createJournalReader } from './journalled.ts'
import type { Fault } from './schedule.ts'
import type { Way } from './way.ts'

const maxFillMs = 25_000
const pollMs = 200
const settleMs = 150_000

/** Culvert's lives, one process after the other on the same data and ports. */
export async function startLives(dataDir: string, env: Readonly<Record<string, string>>, rest: LivesOptions) {
  const { evidence, startMicros } = rest
  const product = await startProduct(dataDir, env)
  const journal = createJournalReader(dataDir)
  let life = 1

  async function end(signal: 'SIGTERM' | 'SIGKILL'): Promise<void> {
    const ending = life++ // whoever connects from now on reaches the next one, or cannot tell
    const code = await product.kill(signal)
    if (signal === 'SIGTERM' && code !== 0) throw new Error(`Culvert ended with ${code} when it was stopped.`)
    const journalled = journal.read().flatMap(frames => numbersIn(frames, startMicros))
    if (journalled.length > 0) evidence.write({ journalled })
    evidence.write({ ended: ending, inOrder: signal === 'SIGTERM' && !product.output().includes(lostAtStop) })
  }

  return {
    product,
    life: (): number => life,
    kill: () => end('SIGKILL'),
    /** In order. */
    stop: () => end('SIGTERM'),
    start: () => product.restart(),
    /** Resolves when every lane has committed up to the end of the journal, and has no trouble. */
    async settled(): Promise<Status> {
      const until = Date.now() + settleMs
      for (;;) {
        const status = await product.status()
        const { ready, lanes, journal } = status
        const end = journal.partitions[0]?.end
        if (ready && lanes.length > 0 && lanes.every(({ position }) => position === end)) return status
        if (Date.now() > until) throw new Error(`The lanes did not settle: ${JSON.stringify({ journal, lanes })}`)
        await delay(pollMs)
      }
    }
  }
}
export type Lives = Awaited<ReturnType<typeof startLives>>

/** What ingest says when a stop came while the journal took nothing. */
const lostAtStop = 'could not be stored before the stop'

interface LivesOptions {
  readonly evidence: Evidence
  readonly startMicros: number
}

export interface CulvertSurroundings {
  readonly lives: Lives
  readonly agents: Agents
  readonly elasticsearch: ElasticsearchFaults
  readonly ways: readonly Way[]
  /** Whether the data directory is a small disk of its own. */
  readonly smallDisk: boolean
  /** The most that the journal takes. */
  readonly journalBytes: number
}

/** The faults of Culvert itself. Each leaves it running. */
export function createCulvertFaults({
  lives,
  agents,
  elasticsearch,
  ways,
  smallDisk,
  journalBytes
}: CulvertSurroundings) {
  const { product } = lives

  async function killAndStart(between: () => unknown): Promise<void> {
    await lives.kill()
    await between()
    await lives.start()
  }

  async function withStoresAway(work: () => Promise<void>): Promise<void> {
    for (const way of ways) way.begin('silence')
    try {
      await work()
    } finally {
      for (const way of ways) way.end('silence')
    }
  }

  /** Lines until the journal refuses them. */
  async function fillJournal(): Promise<void> {
    const paddingBytes = Math.round(journalBytes / 4000)
    const until = Date.now() + maxFillMs
    while (Date.now() < until) {
      agents.storm(1000, paddingBytes)
      await delay(pollMs)
      const { journal } = await product.status()
      if (journal.state === 'full') return
    }
  }

  /** On a disk that others use too, nothing is filled. */
  async function withFullDisk(work: () => Promise<void>): Promise<void> {
    const empty = smallDisk ? fillDisk(product.dataDir) : undefined
    try {
      await work()
    } finally {
      empty?.()
    }
  }

  return {
    kill: ({ forMs }: Fault) => killAndStart(() => delay(forMs)),
    async stop({ forMs }: Fault) {
      await lives.stop()
      await delay(forMs)
      await lives.start()
    },
    async pause({ forMs }: Fault) {
      await product.pause()
      await delay(forMs)
      product.resume()
    },
    tornTail: ({ seed }: Fault) => killAndStart(() => tear(product.dataDir, seed)),
    killAndRollOver: () => elasticsearch.inTurn(() => killAndStart(() => elasticsearch.tryToRollOver())),
    killWithStoresAway: ({ forMs }: Fault) =>
      withStoresAway(async () => {
        for (let time = 0; time < 2; time++) {
          await delay(forMs)
          await killAndStart(() => undefined)
        }
      }),
    fillJournal: ({ forMs }: Fault) =>
      withStoresAway(async () => {
        await fillJournal()
        await delay(forMs)
      }),
    killWithFullJournal: ({ forMs }: Fault) =>
      withStoresAway(async () => {
        await fillJournal()
        await killAndStart(() => delay(forMs))
      }),
    fillDisk: ({ forMs }: Fault) => withFullDisk(() => delay(forMs)),
    killWithFullDisk: ({ forMs }: Fault) =>
      withFullDisk(async () => {
        await delay(forMs)
        await killAndStart(() => undefined)
      })
  }
}

/** What a machine that lost its power may leave behind the last whole record: noise, zeros, the beginning of another record. */
function tear(dataDir: string, seed: number): void {
  const path = globSync(join(dataDir, 'journal', '0', '*.segment'))
    .sort()
    .at(-1)
  if (path === undefined) return
  const random = createRandom(seed)
  const noise = Buffer.from(random.hex(2 * random.int(1, 5000)), 'hex')
  const zeros = Buffer.alloc(noise.length)
  const beginning = Buffer.concat([Buffer.from('CVR1'), Buffer.from([noise.length + 9, 1, 0, 0]), noise])
  appendFileSync(path, random.pick([noise, zeros, beginning]))
}
