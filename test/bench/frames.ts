import { accessLine, randomAccess } from '../traffic/access-line.ts'
import { messagesOf, octetCounted } from '../traffic/agent.ts'
import { type AppLine, appJson, type Library } from '../traffic/app-json.ts'
import { log } from '../traffic/envelopes.ts'
import { type App, createPlatform, type Instance } from '../traffic/platform.ts'
import { createRandom, type Random } from '../traffic/random.ts'
import { stackTraces } from '../traffic/stack-trace.ts'
import { statement } from '../traffic/statement.ts'
import { type TextForm, textLines } from '../traffic/text-line.ts'

/** 160 apps of two instances, each a source of its own lines and of router lines: 640 sources. */
export const apps = 160
export const mix = [
  ['json', 60],
  ['router', 25],
  ['text', 15]
] as const

/** Octet-counted frames one after the other in one buffer. */
export interface Frames {
  readonly bytes: Buffer
  /** Where each begins, and where the last ends. */
  readonly starts: Uint32Array
}

/** Where the time begins in a frame: after its octet count, a space and `<14>1 `. */
export const stampAt = ({ bytes, starts }: Frames, frame: number): number => bytes.indexOf(32, starts[frame]) + 7

/** Frames as the agent sends them, in the mix above, with times in the minute before `untilMicros`. */
export function createFrames(seed: number, count: number, untilMicros: number): Frames {
  const random = createRandom(seed)
  const platform = createPlatform(
    random,
    Array.from({ length: apps }, (_, i) => ({
      name: `${random.pick(names)}-${i}`,
      space: `${random.pick(['acme', 'globex', 'initech'])}/${random.pick(['prod', 'staging', 'shared services'])}`,
      instances: 2
    })),
    { cells: 24, routers: 4 }
  )
  const writesText = (_: App, i: number) => i % 5 === 0
  const textApps = platform.apps.filter(writesText)
  const jsonApps = platform.apps.filter((app, i) => !writesText(app, i))
  const libraries = new Map(jsonApps.map(app => [app, random.pick(jsonLibraries)]))
  const frames: Buffer[] = []
  for (let i = 0; i < count; i++) {
    const kind = random.weighted(mix)
    const app = random.pick(kind === 'json' ? jsonApps : kind === 'text' ? textApps : platform.apps)
    const instance = random.pick(app.instances)
    const timeMicros = Math.floor(untilMicros - 60e6 + (60e6 * i) / count)
    const router = platform.routers[(instance.index + app.name.length) % platform.routers.length]!
    const origin = { app, instance, timeMicros, ...(kind === 'router' && { vm: router }) }
    const envelope =
      kind === 'router'
        ? log(origin, routerLine(random, app, instance, router, timeMicros), { sourceType: 'RTR' })
        : kind === 'json'
          ? log(origin, appJson[libraries.get(app)!](line(random, app, timeMicros)))
          : log(origin, textLines[random.pick(textForms)](line(random, app, timeMicros)))
    // a fraction of six digits, so that another time fits in the same place
    const [message] = messagesOf({ ...envelope, timeMicros: timeMicros - (timeMicros % 10) + 1 })
    frames.push(octetCounted(message!))
  }
  const starts = new Uint32Array(count + 1)
  frames.forEach((frame, i) => {
    starts[i + 1] = starts[i]! + frame.length
  })
  return { bytes: Buffer.concat(frames), starts }
}

const names = ['shop-api', 'storefront', 'payments', 'catalog', 'mailer', 'tracking', 'booking', 'intranet', 'reports']
const jsonLibraries: readonly Library[] = [
  'pino',
  'bunyan',
  'winston',
  'logback',
  'log4j2',
  'zap',
  'logrus',
  'structlog',
  'ecs'
]
const textForms: readonly TextForm[] = ['spring', 'python', 'go', 'rails', 'plain']

const healthy = { errorRate: 0.01, latency: 0.04 }

const routerLine = (
  random: Random,
  app: App,
  instance: Instance,
  router: App['instances'][0]['cell'],
  timeMicros: number
) => accessLine(randomAccess(random, { app, instance, router, mood: healthy, timeMicros }), random.int(0, 999))

function line(random: Random, app: App, timeMicros: number): AppLine {
  const { level, logger, message, fields } = statement(random, random.chance(0.02))
  const trace =
    level === 'error' ? stackTraces[random.pick(['java', 'python', 'node', 'go'] as const)](random) : undefined
  return {
    timeMs: timeMicros / 1000,
    level,
    app: app.name,
    logger,
    thread: `http-nio-8080-exec-${random.int(1, 20)}`,
    message,
    fields,
    traceId: random.hex(32),
    spanId: random.hex(16),
    error: trace && { type: trace.type, message: trace.message, stack: trace.lines.join('\n') }
  }
}
