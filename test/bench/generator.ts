/** The second process: frames made beforehand, sent over loopback TCP as fast as the product takes them, or at a fixed pace. */
import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { answerCalls } from './calls.ts'
import { createStamp, monotonicMicros } from './clock.ts'
import { createFrames, type Frames, stampAt } from './frames.ts'

export interface GeneratorCalls {
  prepare: {
    asks: { readonly seed: number; readonly frames: number; readonly offset: number }
    answers: { readonly meanBytes: number }
  }
  connect: { asks: { readonly port: number; readonly connections: number }; answers: undefined }
  /** As fast as possible; the first frame of each chunk carries the time at which it was sent. */
  saturate: { asks: { readonly frames: number }; answers: Sent }
  /** So many frames a second over all connections in turn, each with the time at which it was sent. */
  pace: { asks: { readonly perSecond: number; readonly seconds: number }; answers: Sent }
  close: { asks: undefined; answers: undefined }
}

export interface Sent {
  readonly frames: number
  readonly bytes: number
  /** µs. */
  readonly startedAt: number
  readonly endedAt: number
  /** Of this process, meanwhile. */
  readonly cpuSeconds: number
}

const chunkBytes = 64 * 1024
/** Connections opened at once: less than any listener's backlog. */
const connectBatch = 100
const tickMs = 2
/** A pace that cannot be held for so many times its seconds is given up; what was sent by then counts. */
const patience = 2

let offset = 0
let pool: Frames | undefined
let sockets: Socket[] = []
let failure: Error | undefined
const stamp = createStamp()
const now = (): number => monotonicMicros() + offset

const frames = (): Frames => {
  if (pool === undefined) throw new Error('Frames are prepared first.')
  return pool
}

/** Whole frames of about 64 KiB together, in turn for each connection, so that none is changed while another sends it. */
function chunksFor(connection: number): { readonly first: number; readonly last: number }[] {
  const { starts } = frames()
  const count = starts.length - 1
  const from = Math.floor((count * connection) / sockets.length)
  const to = Math.floor((count * (connection + 1)) / sockets.length)
  const chunks: { first: number; last: number }[] = []
  for (let first = from, last = from; first < to; first = last) {
    while (last < to && starts[last + 1]! - starts[first]! <= chunkBytes) last++
    last = Math.max(last, first + 1)
    chunks.push({ first, last })
  }
  return chunks
}

async function saturate(socket: Socket, connection: number, count: number): Promise<number> {
  const all = frames()
  const chunks = chunksFor(connection)
  let bytes = 0
  for (let sent = 0, i = 0; sent < count; i = (i + 1) % chunks.length) {
    const { first, last } = chunks[i]!
    const end = Math.min(last, first + count - sent)
    stamp.write(all.bytes, stampAt(all, first), now())
    const chunk = all.bytes.subarray(all.starts[first], all.starts[end])
    sent += end - first
    bytes += chunk.length
    if (failure !== undefined) throw failure
    if (!socket.write(chunk)) await once(socket, 'drain')
  }
  return bytes
}

/** Sends what is due at each tick, skipping connections that do not take more for now. Returns frames and bytes. */
async function pace(perSecond: number, seconds: number): Promise<{ frames: number; bytes: number }> {
  const all = frames()
  const count = all.starts.length - 1
  const planned = Math.round(perSecond * seconds)
  const begun = performance.now()
  let sent = 0
  let bytes = 0
  let turn = 0
  while (sent < planned && performance.now() - begun < seconds * 1000 * patience) {
    const due = Math.min(planned, Math.floor(((performance.now() - begun) * perSecond) / 1000))
    for (let blocked = 0; sent < due && blocked < sockets.length; turn++) {
      const socket = sockets[turn % sockets.length]!
      if (socket.writableNeedDrain) {
        blocked++
        continue
      }
      const i = (turn * 7919) % count // not the same frames for a connection each time
      const frame = Buffer.from(all.bytes.subarray(all.starts[i], all.starts[i + 1]))
      stamp.write(frame, frame.indexOf(32) + 7, now())
      socket.write(frame)
      bytes += frame.length
      sent++
    }
    if (failure !== undefined) throw failure
    await new Promise(resolve => setTimeout(resolve, tickMs))
  }
  return { frames: sent, bytes }
}

/** Resolves when the kernel has all that was written: 'drain' comes only where more was written than the stream likes to hold. */
const flushed = (socket: Socket): Promise<void> =>
  new Promise((resolve, reject) => socket.write('', error => (error ? reject(error) : resolve())))

/** Sends, waits until the kernel has it all, and says what it took. */
async function measured(send: () => Promise<{ frames: number; bytes: number }>): Promise<Sent> {
  const before = process.cpuUsage()
  const startedAt = now()
  const sent = await send()
  await Promise.all(sockets.map(flushed))
  const endedAt = now()
  const { user, system } = process.cpuUsage(before)
  return { ...sent, startedAt, endedAt, cpuSeconds: (user + system) / 1e6 }
}

answerCalls<GeneratorCalls>({
  prepare({ seed, frames: count, offset: chosen }) {
    offset = chosen
    pool = createFrames(seed, count, now())
    return { meanBytes: pool.bytes.length / count }
  },
  async connect({ port, connections }) {
    for (let i = 0; i < connections; i += connectBatch) {
      const batch = Array.from({ length: Math.min(connectBatch, connections - i) }, () =>
        connect({ host: '127.0.0.1', port, noDelay: true })
      )
      await Promise.all(batch.map(socket => once(socket, 'connect')))
      for (const socket of batch) {
        socket.resume() // nothing comes, except the end
        socket.on('error', error => (failure ??= error))
        socket.on('close', () => (failure ??= new Error('The product closed a connection.')))
      }
      sockets.push(...batch)
    }
    return undefined
  },
  saturate: ({ frames: count }) =>
    measured(async () => {
      const share = (i: number) =>
        Math.floor((count * (i + 1)) / sockets.length) - Math.floor((count * i) / sockets.length)
      const bytes = await Promise.all(sockets.map((socket, i) => saturate(socket, i, share(i))))
      return { frames: count, bytes: bytes.reduce((sum, value) => sum + value, 0) }
    }),
  pace: ({ perSecond, seconds }) => measured(() => pace(perSecond, seconds)),
  async close() {
    await Promise.all(
      sockets.map(socket => {
        socket.removeAllListeners('close')
        socket.end()
        return once(socket, 'close')
      })
    )
    sockets = []
    return undefined
  }
})
