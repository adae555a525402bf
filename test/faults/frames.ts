import { agentTime, type Envelope, messagesOf, type Tags } from '../traffic/agent.ts'
import type { Random } from '../traffic/random.ts'
import type { Place } from './evidence.ts'

/** One message, to be found again by its number wherever it went. */
export interface Frame {
  readonly number: number
  readonly kind: Kind
  readonly place: Place
  readonly bytes: Buffer
}

/** Every one of them says its number; `N=17;` in what becomes a document's `message`. */
const kinds = {
  text: { share: 45, place: 'elasticsearch' },
  json: { share: 15, place: 'elasticsearch' },
  router: { share: 10, place: 'elasticsearch' },
  lines: { share: 2, place: 'elasticsearch' },
  event: { share: 2, place: 'elasticsearch' },
  /** Elasticsearch takes it in safe form only. */
  safe: { share: 1, place: 'elasticsearch' },
  gauge: { share: 12, place: 'influxdb' },
  counter: { share: 8, place: 'influxdb' },
  timer: { share: 4, place: 'influxdb' },
  /** Elasticsearch refuses it in every form: see refusing.ts. */
  poison: { share: 0.2, place: 'dead' },
  /** InfluxDB has no such number. */
  noNumber: { share: 0.1, place: 'dead' }
} as const satisfies Record<string, { share: number; place: Place }>
export type Kind = keyof typeof kinds

const shares = (Object.keys(kinds) as Kind[]).map((kind): [Kind, number] => [kind, kinds[kind].share])
const words = 'order cart payment session retry cache lookup upstream worker ready queue flush commit'.split(' ')
const appCount = 6
const measureNames = ['faults_first', 'faults_second'] as const

/** What the tag `ip` of poison says. */
export const poisonedIp = 'nowhere'

/** Makes frames. Their times are `startMicros` and their number, so that the time alone tells which frame it is. */
export function createFrames(random: Random, startMicros: number) {
  let last = 0

  function next(kind: Kind = random.weighted(shares), paddingBytes = 0): Frame {
    const number = ++last
    const metadata = random.chance(0.8) || kind === 'poison'
    const [bytes = Buffer.alloc(0)] = messagesOf(envelopeOf(kind, number, paddingBytes), {
      hostname: 'org.space.app',
      metadata
    })
    return { number, kind, place: kinds[kind].place, bytes }
  }

  function envelopeOf(kind: Kind, number: number, paddingBytes: number): Envelope {
    const app = random.int(1, appCount)
    const common = { timeMicros: startMicros + number, sourceId: `app-${app}`, instanceId: `${random.int(0, 1)}` }
    const tags: Tags = {
      app_name: `app-${app}`,
      organization_name: 'org',
      space_name: 'space',
      ip: kind === 'poison' ? poisonedIp : '10.0.4.7',
      source_type: kind === 'router' ? 'RTR' : 'APP/PROC/WEB',
      origin: 'rep'
    }
    const text = `N=${number}; ${sentence()}${paddingBytes > 0 ? ` ${'x'.repeat(paddingBytes)}` : ''}`
    const log = (payload: string): Envelope => ({ ...common, tags, kind: 'log', stream: 'out', payload })
    const name = random.pick(measureNames)
    switch (kind) {
      case 'text':
      case 'poison':
        return log(text)
      case 'json':
        return log(JSON.stringify({ msg: text, level: random.pick(['info', 'warn', 'error']), n: number, on: true }))
      case 'router':
        return log(accessLine(number, agentTime(common.timeMicros)))
      case 'lines':
        return log(`${text}\n\tat com.example.Shop.buy(Shop.java:${random.int(1, 400)})\n\tat java.base/run`)
      case 'safe':
        return log(`{"msg":${JSON.stringify(text)},"a\\u0000b":1}`)
      case 'event':
        return { ...common, tags, kind, title: 'deployed', body: text }
      case 'gauge':
        return { ...common, tags, kind, metrics: [{ name, value: number, unit: 'ms' }] }
      case 'noNumber':
        return { ...common, tags, kind: 'gauge', metrics: [{ name, value: Number.NaN, unit: 'ms' }] }
      case 'counter':
        return { ...common, tags, kind, name, total: BigInt(number), delta: 1n }
      case 'timer':
        return { ...common, tags, kind, name, start: 0n, stop: BigInt(number) * 1_000_000n }
    }
  }

  const sentence = (): string => Array.from({ length: random.int(3, 30) }, () => random.pick(words)).join(' ')

  return { next }
}
export type Frames = ReturnType<typeof createFrames>

const accessLine = (number: number, time: string): string =>
  `shop.example.com - [${time.slice(0, 19)}.000000000Z] "GET /buy/N=${number}; HTTP/1.1" 200 0 512 "-" "curl/8" "203.0.113.7:4711" ` +
  '"10.0.4.7:61001" x_forwarded_for:"203.0.113.7" x_forwarded_proto:"https" vcap_request_id:"-" response_time:0.012 ' +
  'gorouter_time:0.001 app_id:"app" app_index:"0" instance_id:"i" x_cf_routererror:"-"'

/** The numbers of all frames in a stretch of bytes, by their times. */
export function numbersIn(text: string, startMicros: number): number[] {
  return Array.from(
    text.matchAll(/>1 (\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(?:\.(\d{1,6}))?\+00:00 /g),
    ([, seconds = '', fraction = '']) =>
      Date.parse(`${seconds}Z`) * 1000 + Number(fraction.padEnd(6, '0')) - startMicros
  )
}
