import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { setTimeout as delay } from 'node:timers/promises'
import { connect as connectTls } from 'node:tls'
import { octetCounted } from '../traffic/agent.ts'
import type { Random } from '../traffic/random.ts'
import type { Evidence } from './evidence.ts'
import type { Frame, Frames } from './frames.ts'

/** The agent's own (tcp.go): a write that takes longer fails, and its message is sent again over the next connection. */
const writeDeadlineMs = 10_000
const maxRetryMs = 500
const burst = [1, 12] as const
const pauseMs = [20, 140] as const

export interface SyslogAgentOptions {
  readonly name: string
  readonly transport: 'tcp' | 'tls'
  readonly port: number
  /** PEM. */
  readonly ca: string
  readonly frames: Frames
  readonly evidence: Evidence
  readonly random: Random
  /** The life of Culvert that is running, or about to. */
  readonly life: () => number
}

/** What an agent does with its connection next, besides sending. */
export type Order = 'cut' | 'reconnect'

/** Sends without end over one connection after another, as the platform's agent does over TCP and TLS. */
export function createSyslogAgent(options: SyslogAgentOptions) {
  const { name, transport, frames, evidence, random, life } = options
  const stopping = new AbortController()
  let connections = 0
  let order: Order | undefined
  let storm = { lines: 0, paddingBytes: 0 }

  async function run(): Promise<void> {
    let failed: Frame | undefined
    while (!stopping.signal.aborted || failed !== undefined) failed = await talk(failed)
  }

  /** One connection. Answers the frame that must be sent again over the next one. */
  async function talk(failed: Frame | undefined): Promise<Frame | undefined> {
    const lifeBefore = life()
    const socket = await dial()
    const over = `${name}.${++connections}`
    evidence.write({ opened: over, transport, life: life() === lifeBefore ? lifeBefore : undefined })
    let again = failed
    for (;;) {
      const cutting = order === 'cut'
      const frame = again === undefined ? nextFrame() : frames.next(again.kind)
      const sent = { sent: frame.number, to: frame.place, over, ...(again && { again: again.number }) }
      again = undefined
      evidence.write(cutting ? { ...sent, cut: true } : sent)
      if (cutting) {
        order = undefined
        await cut(socket, octetCounted(frame.bytes))
        evidence.write({ closed: over, orderly: false })
        return frame
      }
      if (!(await write(socket, octetCounted(frame.bytes)))) {
        socket.destroy()
        evidence.write({ closed: over, orderly: false })
        return frame
      }
      if (order === 'reconnect' || stopping.signal.aborted) {
        order = undefined
        evidence.write({ closed: over, orderly: await hangUp(socket) })
        return undefined
      }
      if (storm.lines === 0 && random.chance(1 / random.int(...burst))) await rest()
    }
  }

  function nextFrame(): Frame {
    if (storm.lines === 0) return frames.next()
    storm.lines--
    return frames.next('text', storm.paddingBytes)
  }

  const rest = (): Promise<void> =>
    delay(random.int(...pauseMs), undefined, { signal: stopping.signal }).catch(() => undefined)

  async function dial(): Promise<Socket> {
    for (let waitMs = 1; ; waitMs = Math.min(maxRetryMs, waitMs * 2)) {
      const { port, ca } = options
      const host = '127.0.0.1'
      // The agent never reads: it does not see that the other side has closed before a write fails.
      const socket = transport === 'tls' ? connectTls({ host, port, ca }) : connect({ host, port, allowHalfOpen: true })
      try {
        await once(socket, transport === 'tls' ? 'secureConnect' : 'connect')
        socket.setNoDelay()
        socket.on('error', () => undefined).resume()
        return socket
      } catch {
        socket.destroy()
        await delay(waitMs)
      }
    }
  }

  return {
    name,
    run,
    obey(what: Order): void {
      order = what
    },
    storm(lines: number, paddingBytes: number): void {
      storm = { lines: storm.lines + lines, paddingBytes }
    },
    /** Sends what it must send again, and hangs up. */
    stop(): void {
      storm = { lines: 0, paddingBytes: 0 }
      stopping.abort()
    }
  }
}
export type SyslogAgent = ReturnType<typeof createSyslogAgent>

/** Whether the system has taken the bytes. */
async function write(socket: Socket, bytes: Buffer): Promise<boolean> {
  const { promise, resolve } = Promise.withResolvers<boolean>()
  const late = setTimeout(resolve, writeDeadlineMs, false)
  socket.write(bytes, error => void resolve(error == null))
  const taken = await promise
  clearTimeout(late)
  return taken
}

/** Behind the frame's number, and before its end. */
async function cut(socket: Socket, bytes: Buffer): Promise<void> {
  await write(socket, bytes.subarray(0, bytes.length - 8))
  socket.destroy()
}

/** Whether the other side answered our end with its own. */
async function hangUp(socket: Socket): Promise<boolean> {
  if (socket.destroyed || socket.readableEnded) {
    socket.destroy()
    return false
  }
  const late = setTimeout(() => socket.destroy(new Error('late')), writeDeadlineMs)
  try {
    socket.end()
    await once(socket, 'close') // rejects with the socket's error
    return socket.readableEnded
  } catch {
    return false
  } finally {
    clearTimeout(late)
    socket.destroy()
  }
}
