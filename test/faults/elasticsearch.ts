import { setTimeout as delay } from 'node:timers/promises'
import { startElasticsearch } from '../services/elasticsearch.ts'
import type { Fault } from './schedule.ts'

export const dataStream = 'logs-cloudfoundry.app-default'

/** How long after a pause everything that was sent to the server meanwhile is done. */
const calmMs = 3000
const answerMs = 30_000
const maxTriesMs = 60_000
const maxQuickTriesMs = 4000
/** A bulk that is carried out for so long may have been given up by whoever sent it. */
const longWriteMs = 5000
const pollMs = 200

/** A real Elasticsearch with a mapping of its owner's own, which refuses what has no address for an address. */
export async function openElasticsearch() {
  const server = await startElasticsearch()
  const { url } = server

  async function ask(path: string, method: string, body?: object): Promise<string> {
    const headers = { 'content-type': 'application/json' }
    const signal = AbortSignal.timeout(answerMs)
    const answer = await fetch(`${url}${path}`, {
      method,
      headers,
      signal,
      ...(body && { body: JSON.stringify(body) })
    })
    if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${await answer.text()}`)
    return answer.text()
  }

  const properties = { cloudfoundry: { properties: { envelope: { properties: { ip } } } } }
  await ask('/_component_template/logs-cloudfoundry@custom', 'PUT', { template: { mappings: { properties } } })
  return { server, url, ask }
}
export type OwnElasticsearch = Awaited<ReturnType<typeof openElasticsearch>>

/** What poison says there is no address (frames.ts), and the safe form of its document says it too. */
const ip = { type: 'ip', ignore_malformed: false } as const

/** The faults of Elasticsearch. Each leaves it running and open. */
export function createElasticsearchFaults({ server, ask }: OwnElasticsearch) {
  let turn: Promise<unknown> = Promise.resolve()

  /** What must not overlap. */
  function inTurn<T>(work: () => Promise<T>): Promise<T> {
    const worked = turn.then(work)
    turn = worked.catch(() => undefined)
    return worked
  }

  const pause = ({ forMs }: Fault): Promise<void> =>
    inTurn(async () => {
      await server.pause()
      await delay(forMs)
      server.resume()
      await delay(calmMs)
    })

  /**
   * A request that was given up may be carried out later, when it has been looked up already; a rollover just then is the one case in which a line
   * may be stored twice (docs/guarantees.md). So it waits for what has been in the server for `olderMs`.
   */
  async function rollOver(olderMs: number): Promise<void> {
    const { nodes }: { nodes: Record<string, { tasks: Record<string, { running_time_in_nanos: number }> }> } =
      JSON.parse(await ask('/_tasks?actions=indices:data/write/bulk*', 'GET'))
    const running = Object.values(nodes).flatMap(({ tasks }) => Object.values(tasks))
    if (running.some(task => task.running_time_in_nanos >= olderMs * 1e6)) throw new Error('Writes are under way.')
    await ask(`/${dataStream}/_rollover`, 'POST')
  }

  /** The data stream may not be there yet, or the server may be busy. */
  async function untilDone(work: () => Promise<unknown>, maxMs = maxTriesMs): Promise<unknown> {
    const until = Date.now() + maxMs
    for (;;) {
      try {
        return await work()
      } catch (error) {
        if (Date.now() > until) throw error
        await delay(pollMs)
      }
    }
  }

  /** Of all backing indices: a rollover opens one that is not blocked. */
  const block =
    (name: string) =>
    async ({ forMs }: Fault): Promise<void> => {
      await untilDone(() => ask(`/${dataStream}/_settings`, 'PUT', { [name]: true }))
      await delay(forMs)
      await untilDone(() => ask(`/${dataStream}/_settings`, 'PUT', { [name]: null }))
    }

  return {
    inTurn,
    /** When what is under way is done; not where the server does not answer. */
    tryToRollOver: (): Promise<unknown> => untilDone(() => rollOver(0), maxQuickTriesMs).catch(() => undefined),
    faults: {
      async kill({ forMs }: Fault) {
        await server.kill('SIGKILL')
        await delay(forMs)
        await server.restart()
      },
      stop: () => server.restart(),
      pause,
      pauseBeyondTimeout: pause,
      blockWrites: block('index.blocks.write'),
      blockAsFull: block('index.blocks.read_only_allow_delete'),
      rollOver: () => inTurn(() => untilDone(() => rollOver(longWriteMs)))
    }
  }
}
export type ElasticsearchFaults = ReturnType<typeof createElasticsearchFaults>
