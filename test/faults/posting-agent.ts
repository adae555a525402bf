import { Agent, request } from 'node:https'
import { setTimeout as delay } from 'node:timers/promises'
import type { Random } from '../traffic/random.ts'
import type { Evidence } from './evidence.ts'
import type { Frames } from './frames.ts'

/** The agent's own (fasthttp): an answer that takes longer is none. */
const answerDeadlineMs = 20_000
const maxRetryMs = 500
/** Answered POSTs that may be sent again. */
const remembered = 40
const framesPerBatch = [20, 180] as const
const pauseMs: Readonly<Record<'https' | 'https-batch', readonly [number, number]>> = {
  https: [20, 80],
  'https-batch': [300, 800]
}

export interface PostingAgentOptions {
  readonly name: string
  readonly transport: 'https' | 'https-batch'
  readonly port: number
  /** PEM. */
  readonly ca: string
  readonly frames: Frames
  readonly evidence: Evidence
  readonly random: Random
}

interface Post {
  readonly id: string
  readonly body: Buffer
}

/** Posts one body after the other, each byte for byte until it is answered with 2xx, as the platform's agent does. */
export function createPostingAgent(options: PostingAgentOptions) {
  const { name, transport, port, ca, frames, evidence, random } = options
  const connections = new Agent({ keepAlive: true, maxSockets: 5, ca })
  const stopping = new AbortController()
  const answered: Post[] = []
  let posts = 0
  let refused = 0

  async function run(): Promise<void> {
    while (!stopping.signal.aborted) {
      const body = Array.from({ length: transport === 'https' ? 1 : random.int(...framesPerBatch) }, () =>
        frames.next()
      )
      const post = { id: `${name}.${++posts}`, body: Buffer.concat(body.map(({ bytes }) => bytes)) }
      evidence.write({ posted: post.id, transport, frames: body.map(({ number, place }) => [number, place]) })
      await untilTaken(post)
      evidence.write({ answered: post.id })
      answered.push(post)
      if (answered.length > remembered) answered.shift()
      await delay(random.int(...pauseMs[transport]), undefined, { signal: stopping.signal }).catch(() => undefined)
    }
  }

  async function untilTaken(post: Post): Promise<void> {
    for (let waitMs = 1; ; waitMs = Math.min(maxRetryMs, waitMs * 2)) {
      const status = await ask(post.body)
      if (status !== undefined && status >= 200 && status < 300) return
      refused++
      await delay(waitMs)
    }
  }

  /** The status; undefined for no answer. */
  async function ask(body: Buffer): Promise<number | undefined> {
    const { promise, resolve } = Promise.withResolvers<number | undefined>()
    const sent = request({
      host: '127.0.0.1',
      port,
      path: `/drain?drain-data=all&agent=${name}`,
      method: 'POST',
      agent: connections,
      headers: { 'content-type': 'text/plain', 'content-length': body.length, 'user-agent': 'fasthttp' },
      signal: AbortSignal.timeout(answerDeadlineMs)
    })
    sent.on('response', response => {
      response.on('error', () => undefined).resume()
      void resolve(response.statusCode)
    })
    sent.on('error', () => void resolve(undefined))
    sent.end(body)
    return promise
  }

  return {
    name,
    run,
    /** POSTs without an answer, or with another one than 2xx. */
    refused: (): number => refused,
    /** Sends the newest of what was answered again, until it is answered again. */
    async repeat(count: number): Promise<void> {
      for (const post of answered.slice(-count)) {
        await untilTaken(post)
        evidence.write({ repeated: post.id })
      }
    },
    /** The POST that is under way is sent until it is taken. */
    stop: (): void => stopping.abort(),
    close: (): void => connections.destroy()
  }
}
export type PostingAgent = ReturnType<typeof createPostingAgent>
