/** A process of many senders over TLS that mostly say nothing, and of POSTs: what surrounds a storm. */
import { once } from 'node:events'
import { Agent, request } from 'node:https'
import { setTimeout as delay } from 'node:timers/promises'
import { connect, type TLSSocket } from 'node:tls'
import { answerCalls } from './calls.ts'

export interface CrowdCalls {
  /** Opens connections; each of the first `halves` sends half of a frame of `frameBytes`. */
  open: {
    asks: {
      readonly port: number
      readonly connections: number
      readonly halves: number
      readonly frameBytes: number
    }
    answers: undefined
  }
  /** Posts bodies until `stopPosting`, one after the other, each again until it is taken. */
  post: { asks: { readonly port: number; readonly bodyBytes: number }; answers: undefined }
  stopPosting: { asks: undefined; answers: Posted }
  /** Sends the other halves, and says how many of the connections are still open. */
  finish: { asks: undefined; answers: { readonly open: number } }
  close: { asks: undefined; answers: undefined }
}

export interface Posted {
  readonly frames: number
  readonly posts: number
  /** Answers other than 2xx. */
  readonly refused: number
}

/** Connections opened at once: less than any listener's backlog. */
const connectBatch = 50
/** An agent waits longer. */
const repeatMs = 100

const sockets: TLSSocket[] = []
let otherHalf = Buffer.alloc(0)
let halves = 0
let posting: Promise<Posted> | undefined
let over = false

const header = (micros: number): string =>
  `<14>1 ${new Date(micros / 1000).toISOString().slice(0, 19)}.${String(micros % 1e6).padStart(6, '0')}+00:00 o.s.crowd 00000000-0000-4000-8000-000000000000 [APP/PROC/WEB/0] - - `

const filled = (head: string, bytes: number): Buffer => Buffer.from(`${head.padEnd(bytes - 1, 'x')}\n`)

async function open(port: number): Promise<TLSSocket> {
  const socket = connect({ port, host: '127.0.0.1', rejectUnauthorized: false })
  socket.on('error', () => {}) // 'close' follows
  await once(socket, 'secureConnect')
  return socket.resume()
}

/** Every body has another first time, or it would be taken for a repetition. */
async function post(port: number, bodyBytes: number): Promise<Posted> {
  const agent = new Agent({ keepAlive: true, rejectUnauthorized: false })
  const begun = Date.now() * 1000
  const line = 1000
  const posted = { frames: 0, posts: 0, refused: 0 }
  for (let i = 1; !over; i++) {
    const lines = Array.from({ length: Math.floor(bodyBytes / line) }, (_, k) =>
      filled(header(begun + i * 1000 + k), line)
    )
    const body = Buffer.concat(lines)
    while (!(await isTaken(port, agent, body))) {
      posted.refused++
      await delay(repeatMs)
    }
    posted.posts++
    posted.frames += lines.length
  }
  agent.destroy()
  return posted
}

function isTaken(port: number, agent: Agent, body: Buffer): Promise<boolean> {
  const { promise, resolve } = Promise.withResolvers<boolean>()
  const options = { port, agent, method: 'POST', path: '/drain', headers: { 'content-length': body.length } }
  const asked = request(options, answer => {
    answer.resume()
    answer.on('end', () => resolve(answer.statusCode === 204))
  })
  asked.on('error', () => resolve(false))
  asked.end(body)
  return promise
}

answerCalls<CrowdCalls>({
  async open({ port, connections, halves: wanted, frameBytes }) {
    const message = filled(header(Date.now() * 1000), frameBytes)
    const frame = Buffer.concat([Buffer.from(`${message.length} `), message])
    const half = frame.subarray(0, frame.length >> 1)
    otherHalf = frame.subarray(half.length)
    halves = wanted
    for (let i = 0; i < connections; i += connectBatch) {
      const batch = Array.from({ length: Math.min(connectBatch, connections - i) }, () => open(port))
      sockets.push(...(await Promise.all(batch)))
    }
    for (const socket of sockets.slice(0, halves)) socket.write(half)
    return undefined
  },
  post({ port, bodyBytes }) {
    posting = post(port, bodyBytes)
    return undefined
  },
  async stopPosting() {
    over = true
    return (await posting) ?? { frames: 0, posts: 0, refused: 0 }
  },
  finish() {
    for (const socket of sockets.slice(0, halves)) socket.write(otherHalf)
    return { open: sockets.filter(socket => !socket.destroyed).length }
  },
  close() {
    for (const socket of sockets) socket.destroy()
    return undefined
  }
})
