import { connect } from 'node:net'
import { setTimeout as delay } from 'node:timers/promises'
import { expect, onTestFinished, test } from 'vitest'
import { fillDisk, needsSmallDisks, openSmallDisk, smallDisks } from '../small-disk.ts'
import {
  counted,
  documentsIn,
  laneOf,
  logLine,
  openProduct,
  postUntilTaken,
  searchedIn,
  sharedElasticsearch,
  testOver,
  untilAllDelivered
} from './faults.ts'
import type { Product } from './product.ts'

const diskBytes = 128 * 2 ** 20
/** Long enough for a group of several system pages. */
const padding = 'x'.repeat(2000)
const agents = 3
const pacingMs = 5

/** Agents that post until they are answered, and one that sends over TCP, all until `stop`, which answers what they sent. */
function startLoad({ http, syslog }: Product) {
  const over = testOver()
  const sent: string[] = []
  let repeated = 0
  let stopping = false
  const socket = connect(syslog, '127.0.0.1')
  socket.on('error', () => undefined)
  onTestFinished(() => void socket.destroy())

  async function post(agent: number): Promise<void> {
    for (let i = 0; !stopping; i++) {
      const text = `post ${agent} ${i} ${padding}`
      sent.push(text)
      if ((await postUntilTaken(`${http}/drain`, logLine(text), over)) > 1) repeated++
      await delay(pacingMs)
    }
  }
  async function stream(): Promise<void> {
    for (let i = 0; !stopping; i++) {
      const text = `tcp ${i} ${padding}`
      sent.push(text)
      await new Promise(resolve => socket.write(counted(logLine(text)), resolve))
      await delay(pacingMs)
    }
  }
  const running = Promise.all([...Array.from({ length: agents }, (_, i) => post(i)), stream()])
  running.catch(() => undefined) // of a test that has failed already
  return {
    repeated: (): number => repeated,
    async stop(): Promise<string[]> {
      stopping = true
      await running
      socket.end()
      return sent
    }
  }
}

test.skipIf(!smallDisks)(
  `the disk fills under load, again and again: it is said, nothing crashes, and every line is stored once when there is room${needsSmallDisks}`,
  async () => {
    const { url, stream, env } = sharedElasticsearch()
    const dir = openSmallDisk(diskBytes)
    const product = await openProduct({ ...env, CULVERT_LOCAL_STORE: 'on', CULVERT_JOURNAL_MAX_BYTES: '64 MiB' }, dir)
    const load = startLoad(product)
    let stored = 0
    for (let round = 0; round < 2; round++) {
      await product.until(status => laneOf(status, 'elasticsearch').ledger.stored > stored, 'lines in Elasticsearch')
      const makeRoom = fillDisk(dir, round * 50_000)
      const { reasons } = await product.until(({ journal }) => journal.state === 'failing', 'a journal that fails')
      expect(reasons).toContainEqual(expect.stringMatching(/^The journal cannot be written: .*ENOSPC/))
      expect((await fetch(`${product.http}/health/ready`)).status).toBe(503)
      const refused = load.repeated()
      await delay(1500) // whatever else writes, cursors and the local store, comes to its turn
      makeRoom()
      const status = await product.until(({ ready }) => ready, 'room again')
      expect(load.repeated()).toBeGreaterThan(refused)
      stored = laneOf(status, 'elasticsearch').ledger.stored
    }
    const sent = await load.stop()
    const { worker, lanes, journal } = await untilAllDelivered(product)
    expect({ worker, damaged: journal.damaged.stretches }).toEqual({ worker: { restarts: 0 }, damaged: 0 })
    expect(lanes.map(({ ledger }) => ledger.dead + ledger.lost)).toEqual([0, 0])
    expect((await documentsIn(url, stream)).map(({ message }) => message).sort()).toEqual(sent.toSorted())
    expect((await searchedIn(product)).sort()).toEqual(sent.toSorted())
  }
)
