/**
 * A day in the life of a small platform, sent to Culvert's syslog listener as the platform's agents would: `npm run demo`.
 */
import { parseArgs } from 'node:util'
import { createNarrator } from './narrator.ts'
import { createScene } from './scene.ts'
import { createSenders } from './senders.ts'

const usage = `Usage: npm run demo -- [options]

  --host HOST      where Culvert listens (127.0.0.1)
  --port PORT      its syslog port (5514, or CULVERT_SYSLOG_PORT)
  --rate LINES     log lines per second, on average (110)
  --seconds N      stop after N seconds (never: stop with Ctrl-C)
  --seed N         another day (1)
`

const stepMs = 100
await main().catch((error: unknown) => {
  process.stderr.write(`${error instanceof Error ? error.message : error}\n\n${usage}`)
  process.exitCode = 2
})

async function main(): Promise<void> {
  const options = optionsOf(process.argv.slice(2))
  if (options === undefined) return void process.stdout.write(usage)
  const { host, port, rate, seconds, seed } = options
  const narrator = createNarrator(process.stdout, `${host}:${port}`)
  const nowMicros = () => Math.floor((performance.timeOrigin + performance.now()) * 1000)
  const senders = createSenders({ host, port, nowMicros, connected: narrator.connected, failed: narrator.failed })
  const scene = createScene({ seed, rate, startMicros: nowMicros(), say: narrator.say })
  narrator.begin(scene.platform, rate, process.env['PORT'] ?? '8080')

  await new Promise<void>(resolve => {
    const timer = setInterval(() => {
      for (const message of scene.advance(nowMicros())) senders.send(message)
      narrator.count(senders.totals)
    }, stepMs)
    const stop = () => {
      clearInterval(timer)
      void resolve()
    }
    process.once('SIGINT', stop).once('SIGTERM', stop)
    if (seconds !== undefined) setTimeout(stop, seconds * 1000)
  })
  await senders.stop()
  narrator.end(senders.totals)
  if (!narrator.everConnected) process.exitCode = 1
}

function optionsOf(args: string[]) {
  const text = { type: 'string' } as const
  const { values } = parseArgs({
    args,
    options: { host: text, port: text, rate: text, seconds: text, seed: text, help: { type: 'boolean', short: 'h' } }
  })
  if (values.help) return undefined
  const number = (name: string, value: string | undefined, min: number, max: number): number | undefined => {
    if (value === undefined) return undefined
    const parsed = Number(value)
    if (!(parsed >= min && parsed <= max))
      throw new Error(`${name} is '${value}': a number from ${min} to ${max} is allowed.`)
    return parsed
  }
  return {
    host: values.host ?? '127.0.0.1',
    port: number('--port', values.port ?? process.env['CULVERT_SYSLOG_PORT'], 1, 65_535) ?? 5514,
    rate: number('--rate', values.rate, 1, 20_000) ?? 110,
    seconds: number('--seconds', values.seconds, 1, 86_400),
    seed: number('--seed', values.seed, 0, 2 ** 32 - 1) ?? 1
  }
}
