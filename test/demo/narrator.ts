import type { Platform } from '../traffic/platform.ts'
import type { createSenders } from './senders.ts'

type Totals = ReturnType<typeof createSenders>['totals']

/** Where no terminal shows a running count, a line of it every so often. */
const plainEveryMs = 10_000

/** Tells a person what the demo does: a line for each happening, and on a terminal a running count below. */
export function createNarrator(out: NodeJS.WriteStream, target: string) {
  let everConnected = false
  let connected = false
  let counted = { at: performance.now(), frames: 0 }
  let speed = 0

  function tell(text: string): void {
    out.write(`${out.isTTY ? '\r\x1b[K' : ''}${text}\n`)
  }

  const clock = () => new Date().toTimeString().slice(0, 8)
  const grouped = (value: number) => value.toLocaleString('en-US')
  const status = ({ frames, connections, lost }: Totals) =>
    `${grouped(frames)} messages, ${grouped(Math.round(speed))}/s, ${connections} connections${lost > 0 ? `, ${grouped(lost)} lost while nothing listened` : ''}`

  return {
    get everConnected(): boolean {
      return everConnected
    },
    begin({ apps, cells, routers }: Platform, rate: number, httpPort: string): void {
      const instances = apps.reduce((sum, app) => sum + app.instances.length, 0)
      tell(
        `Sends the traffic of ${apps.length} apps (${instances} instances on ${cells.length} cells, ${routers.length} routers) to ${target}:`
      )
      tell(
        `about ${rate} log lines a second in waves, with container metrics, counters, timers, deploys, crashes and error spikes.`
      )
      tell(`Look at http://localhost:${httpPort}. Stop with Ctrl-C.\n`)
    },
    connected(): void {
      tell(`${clock()}  ${everConnected ? 'Connected again' : 'Connected'} to ${target}.`)
      connected = everConnected = true
    },
    failed(error: Error): void {
      tell(
        connected
          ? `${clock()}  Connections lost (${error.message}). The demo keeps trying.`
          : `${clock()}  Nothing takes connections on ${target} (${error.message}).\n          Start Culvert with \`npm start\` in another terminal; the demo keeps trying.`
      )
      connected = false
    },
    say(text: string): void {
      tell(`${clock()}  ${text}`)
    },
    /** To be called often; writes seldom. */
    count(totals: Totals): void {
      const now = performance.now()
      const elapsed = now - counted.at
      if (elapsed < (out.isTTY ? 1000 : plainEveryMs)) return
      speed = ((totals.frames - counted.frames) * 1000) / elapsed
      counted = { at: now, frames: totals.frames }
      if (out.isTTY) out.write(`\r\x1b[K${status(totals)}`)
      else tell(`${clock()}  ${status(totals)}`)
    },
    end(totals: Totals): void {
      const { frames, log, gauge, counter, timer, event, bytes, lost, unsent } = totals
      tell(
        `\nMade ${grouped(frames)} messages (${grouped(Math.round(bytes / 1e5) / 10)} MB): ${grouped(log)} log lines, ${grouped(gauge)} gauge, ${grouped(counter)} counter, ${grouped(timer)} timer and ${grouped(event)} event envelopes.`
      )
      if (everConnected && lost + unsent > 0)
        tell(`${grouped(lost + unsent)} of them were lost while nothing listened, as they would be on the platform.`)
      if (!everConnected) tell(`Nothing was sent: no connection to ${target} came about.`)
    }
  }
}
