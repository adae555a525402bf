import { connect, type Socket } from 'node:net'

/** Frames that wait while there is no connection or the receiver is slow; beyond them the oldest are lost, as in the agent's ring. */
export const maxWaiting = 500
/** Bytes that may wait in a socket before frames wait here instead. */
const maxSocketBytes = 256 * 1024
/** The agent's pauses double from 1 ms to 15 s; the demo's end earlier, so that it is back soon after the server. */
const maxPauseMs = 1000

export interface SenderEvents {
  readonly connected: () => void
  /** Called once per lost connection, not per attempt. */
  readonly failed: (error: Error) => void
  /** This connection is up again, and so many frames were lost meanwhile. */
  readonly lost: (frames: number) => void
}

/** One drain connection: opened at the first frame, opened again for ever, never read from. */
export function createSender(host: string, port: number, events: SenderEvents) {
  const waiting: Buffer[] = []
  let socket: Socket | undefined
  let up = false
  let failing = false
  let stopped = false
  let pauseMs = 1
  let timer: NodeJS.Timeout | undefined
  let lost = 0

  function open(): void {
    const opened = connect({ host, port, keepAlive: true, noDelay: true })
    socket = opened
    opened.on('connect', () => {
      up = true
      failing = false
      pauseMs = 1
      events.connected()
      flush()
      if (lost > 0) events.lost(lost)
      lost = 0
    })
    opened.on('drain', flush)
    let reason = new Error('the connection was closed')
    opened.on('error', error => {
      reason = error
    })
    opened.on('close', () => {
      up = false
      socket = undefined
      if (stopped) return
      if (!failing) events.failed(reason)
      failing = true
      pauseMs = Math.min(pauseMs * 2, maxPauseMs)
      timer = setTimeout(open, pauseMs)
    })
    opened.resume()
  }

  function flush(): void {
    while (up && socket !== undefined && waiting.length > 0 && socket.writableLength < maxSocketBytes) {
      socket.write(waiting.shift()!)
    }
  }

  return {
    get connected(): boolean {
      return up
    },
    /** Frames that wait to be sent, and frames given up, not yet told of. */
    get unsent(): number {
      return waiting.length + lost
    },
    send(frame: Buffer): void {
      waiting.push(frame)
      if (waiting.length > maxWaiting) {
        waiting.shift()
        lost++
      }
      if (socket === undefined && timer === undefined && !stopped) open()
      flush()
    },
    /** Sends what waits, if there is a connection, and closes; resolves when that is done, after a second at the latest. */
    async stop(): Promise<void> {
      stopped = true
      clearTimeout(timer)
      const open = socket
      if (open === undefined) return
      if (!up) return void open.destroy()
      await new Promise<void>(resolve => {
        const late = setTimeout(() => open.destroy(), 1000)
        open.once('close', () => {
          clearTimeout(late)
          resolve()
        })
        open.end()
      })
    }
  }
}

export type Sender = ReturnType<typeof createSender>
