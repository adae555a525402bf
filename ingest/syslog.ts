import type { Server, Socket } from 'node:net'
import type { Journal } from '../src/core/contract.ts'
import { messageOf } from '../src/core/errors.ts'
import type { Generation } from '../src/core/identity.ts'
import type { Listener } from '../src/core/record.ts'
import type { ListenerStatus } from '../src/core/status.ts'
import { createCounts } from './counts.ts'
import { strangerOf } from './greeting.ts'
import { createIntake, type IntakeStream } from './intake.ts'
import { listen } from './listen.ts'
import { createRareLog, type Log } from './log.ts'
import type { Room } from './room.ts'
import type { SyslogOptions } from './syslog-options.ts'
import { type Accepted, createPlainServer, createTlsServer, explainHandshake } from './syslog-servers.ts'

export interface SyslogSetup {
  readonly options: SyslogOptions
  readonly journal: Journal
  readonly partitions: number
  readonly log: Log
  readonly generation?: Generation
  /** Memory for frames that are not whole, of all listeners. */
  readonly room?: Room
}

/** A listener for the agent's `syslog` and `syslog-tls` drains (RFC 6587 over TCP, RFC 5425). */
export interface SyslogListener {
  readonly name: Listener
  /** Listens. Rejects with PORT_TAKEN or CONFIG_INVALID. */
  start(): Promise<void>
  status(): ListenerStatus
  /** Accepts no more, reads on for `drainMs`, closes, and resolves when all that came whole is safe. */
  stop(): Promise<void>
}

/** Checks and builds, opens nothing; throws CONFIG_INVALID for certificates that are none. */
export function createSyslog({ options, journal, partitions, log, generation, room }: SyslogSetup): SyslogListener {
  const { host, tls, maxFrameBytes, idleTimeoutMs, drainMs } = options
  const name = tls === undefined ? 'syslog' : 'syslog-tls'
  const port = options.port ?? (tls === undefined ? 5514 : 6514)
  const setting = tls === undefined ? 'CULVERT_SYSLOG_PORT' : 'CULVERT_SYSLOG_TLS_PORT'
  const counts = createCounts()
  const warn = createRareLog((fields, sentence) => log.warn({ listener: name, ...fields }, sentence))
  const own = { ...(generation === undefined ? {} : { generation }), ...(room === undefined ? {} : { room }) }
  const intake = createIntake({ journal, partitions, listener: name, maxFrameBytes, counts, log, ...own })
  const streams = new Set<IntakeStream>()
  /** TCP sockets, also those whose TLS handshake is not done. */
  const sockets = new Set<Socket>()
  let stopped: Promise<void> | undefined

  const server: Server =
    tls === undefined ? createPlainServer(serve) : createTlsServer(tls, { serve, connected: remember, handshakeFailed })
  server.maxConnections = options.maxConnections
  server.on('drop', () => {
    counts.problem('refused')
    warn(
      'refused',
      { maxConnections: server.maxConnections },
      'A connection was refused: there are maxConnections of them.'
    )
  })

  function remember(socket: Socket): void {
    sockets.add(socket)
    socket.on('error', nothing)
    socket.once('close', () => sockets.delete(socket))
  }

  function serve({ read, below }: Accepted): void {
    let greeted = false
    const stream = intake.open(
      () => void socket.resume(),
      () => {
        counts.problem('no_room')
        warn('no_room', {}, 'A connection was closed: there is no memory for the part of a frame that it has sent.')
        reset(below ?? socket)
      }
    )
    const socket = read((bytes, from, to) => {
      if (!greeted) {
        greeted = true
        if (isStranger(bytes, from, to)) {
          socket.destroy()
          return false
        }
      }
      return stream.push(bytes, from, to)
    })
    if (below === undefined) remember(socket)
    streams.add(stream)
    socket.setTimeout(idleTimeoutMs, () => {
      if (stream.waiting) return
      counts.problem('idle')
      reset(below ?? socket)
    })
    socket.on('error', () => counts.problem('broken'))
    socket.once('close', () => {
      streams.delete(stream)
      stream.end()
    })
  }

  function isStranger(bytes: Buffer, from: number, to: number): boolean {
    const stranger = strangerOf(bytes, from, to)
    if (stranger === undefined) return false
    counts.problem(`${stranger}_on_${tls === undefined ? 'plain' : 'tls'}_port`)
    if (stranger === 'tls')
      warn(
        'tls',
        { port },
        'A sender spoke TLS to the plain syslog port: its drain URL wants syslog://, or the TLS port.'
      )
    else warn('http', { port }, 'A sender spoke HTTP to the syslog port: an https:// drain wants the HTTP port.')
    return true
  }

  function handshakeFailed(error: NodeJS.ErrnoException, verdict: unknown): void {
    counts.problem('tls_handshake')
    const sentence = explainHandshake(error, verdict)
    if (sentence !== undefined) warn(sentence, { port, reason: verdict ?? messageOf(error) }, sentence)
  }

  async function close(): Promise<void> {
    const closed = new Promise<void>(resolve => void server.close(() => resolve()))
    const late = setTimeout(() => sockets.forEach(reset), drainMs)
    await closed
    clearTimeout(late)
    for (const stream of streams) stream.end()
    await intake.stop()
  }

  return {
    name,
    start: () => listen(server, { host, port, setting }),
    status() {
      const bound = server.address()
      const where = bound === null || typeof bound === 'string' ? { address: host, port } : bound
      const { frames, bytes, problems } = counts
      return { name, address: where.address, port: where.port, connections: streams.size, frames, bytes, problems }
    },
    stop: () => (stopped ??= close())
  }
}

/** 'close' follows every error. */
const nothing = (): void => {}

/**
 * A connection that we close ourselves is reset: after a mere end the agent's next write succeeds and its line is lost; after a
 * reset the write fails, and the agent connects and sends it again.
 */
const reset = (socket: Socket): void => void socket.resetAndDestroy()
