import { goQuote } from './go.ts'
import type { App, Instance, Vm } from './platform.ts'
import type { Random } from './random.ts'

/** One request as gorouter saw it. */
export interface Access {
  /** When it came, µs since 1970. */
  readonly timeMicros: number
  readonly host: string
  readonly method: string
  readonly target: string
  readonly status: number
  readonly bytesReceived: number
  readonly bytesSent: number
  readonly referer: string
  readonly userAgent: string
  readonly remote: string
  readonly backend: string
  readonly forwardedFor: string
  readonly requestId: string
  /** s: in all, in gorouter itself, in the app. 0 for unknown. */
  readonly responseTime: number
  readonly gorouterTime: number
  readonly backendTime: number
  readonly appId: string
  readonly appIndex: string
  readonly instanceId: string
  readonly failedAttempts: number
  /** '' for none. */
  readonly routerError: string
  readonly traceId: string
  readonly spanId: string
}

const quoted = (text: string): string => (text === '' ? '"-"' : goQuote(text))
const seconds = (value: number): string => (value > 0 ? value.toFixed(6) : '"-"')

/**
 * The access line as routing-release's newest accesslog/schema writes it, with the operator's extra fields and the tracing headers.
 * `nanos` are digits 7 to 9 of the time.
 */
export function accessLine(access: Access, nanos = 0): string {
  const millis = new Date(Math.floor(access.timeMicros / 1000)).toISOString().slice(0, 23)
  const time = `${millis}${String(access.timeMicros % 1000).padStart(3, '0')}${String(nanos).padStart(3, '0')}Z`
  const trace = access.traceId && access.spanId
  return [
    `${access.host} - [${time}] ${goQuote(`${access.method} ${access.target} HTTP/1.1`)} ${access.status || '"-"'}`,
    `${access.bytesReceived} ${access.bytesSent} ${quoted(access.referer)} ${quoted(access.userAgent)}`,
    `${quoted(access.remote)} ${quoted(access.backend)} x_forwarded_for:${quoted(access.forwardedFor)}`,
    `x_forwarded_proto:"https" vcap_request_id:${quoted(access.requestId)}`,
    `response_time:${seconds(access.responseTime)} gorouter_time:${seconds(access.gorouterTime)}`,
    `app_id:${quoted(access.appId)} app_index:${quoted(access.appIndex)} instance_id:${quoted(access.instanceId)}`,
    `failed_attempts:${access.failedAttempts} failed_attempts_time:"-" dns_time:"-" dial_time:"-" tls_time:"-"`,
    `backend_time:${seconds(access.backendTime)} x_cf_routererror:${quoted(access.routerError)}`,
    `x_b3_traceid:${quoted(access.traceId)} x_b3_spanid:${quoted(access.spanId)} x_b3_parentspanid:"-"`,
    `b3:${quoted(trace && `${access.traceId}-${access.spanId}`)}`
  ].join(' ')
}

const userAgents: readonly (readonly [string, number])[] = [
  [
    'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/149.0.0.0 Safari/537.36',
    30
  ],
  [
    'Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/19.1 Safari/605.1.15',
    15
  ],
  [
    'Mozilla/5.0 (iPhone; CPU iPhone OS 19_3 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/19.3 Mobile/15E148 Safari/604.1',
    22
  ],
  ['Mozilla/5.0 (X11; Linux x86_64; rv:152.0) Gecko/20100101 Firefox/152.0', 10],
  ['Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)', 4],
  ['okhttp/5.1.0', 8],
  ['curl/8.19.0', 3],
  ['ELB-HealthChecker/2.0', 3],
  ['Acme "Shop" App/7.2 (Android\\15)', 1],
  ['', 1]
]

const targets: readonly (readonly [method: string, target: (random: Random) => string, weight: number])[] = [
  ['GET', () => '/', 14],
  ['GET', r => `/products/${r.int(1000, 9999)}`, 24],
  [
    'GET',
    r => `/search?q=${r.pick(['red+shoes', 'usb-c+cable', 'gr%C3%B6%C3%9Fe+42', 'raincoat'])}&page=${r.int(1, 4)}`,
    14
  ],
  ['GET', r => `/api/orders/${r.int(80_000, 99_999)}`, 16],
  ['POST', () => '/api/cart/items', 10],
  ['POST', () => '/api/orders', 5],
  ['PUT', r => `/api/cart/items/${r.int(1, 9)}`, 3],
  ['DELETE', r => `/api/cart/items/${r.int(1, 9)}`, 2],
  ['GET', r => `/assets/app-${r.hex(8)}.js`, 8],
  ['GET', () => '/health', 4]
]

const statuses: readonly (readonly [number, number])[] = [
  [200, 82],
  [201, 4],
  [204, 3],
  [301, 1],
  [304, 5],
  [400, 1],
  [401, 1],
  [404, 2.4],
  [429, 0.2],
  [500, 0.3],
  [503, 0.1]
]

/** How the app is doing: what its requests come to. */
export interface Mood {
  /** Share of requests that fail: 0 to 1. */
  readonly errorRate: number
  /** Median seconds of a request. */
  readonly latency: number
  /** Nobody is there: gorouter answers by itself. */
  readonly down?: boolean
}

/** A request of the everyday mix to an instance, over a router. */
export function randomAccess(
  random: Random,
  {
    app,
    instance,
    router,
    mood,
    timeMicros
  }: { app: App; instance: Instance; router: Vm; mood: Mood; timeMicros: number }
): Access {
  const [method, target] = random.weighted(targets.map(entry => [entry, entry[2]] as const))
  const failed = random.chance(mood.errorRate)
  const down = mood.down === true
  const status = down
    ? 502
    : failed
      ? random.weighted([
          [500, 6],
          [502, 2],
          [503, 2],
          [504, 1]
        ] as const)
      : random.weighted(statuses)
  const backendTime = down ? 0 : Math.min(random.logNormal(mood.latency * (failed ? 8 : 1), 0.7), 30)
  const gorouterTime = random.logNormal(0.0006, 0.5)
  const client = random.ipv4()
  const writes = method === 'POST' || method === 'PUT'
  return {
    timeMicros,
    host: app.route,
    method,
    target: target(random),
    status,
    bytesReceived: writes ? random.int(80, 4000) : 0,
    bytesSent: status === 204 || status === 304 ? 0 : Math.round(random.logNormal(2400, 1)),
    referer: random.chance(0.3) ? `https://${app.route}/products/${random.int(1000, 9999)}` : '',
    userAgent: random.weighted(userAgents),
    remote: `${router.ip.replace(/\d+$/, '7')}:${random.int(32_768, 60_999)}`,
    backend: `${instance.cell.ip}:${instance.port}`,
    forwardedFor: `${client}, ${router.ip}`,
    requestId: random.guid(),
    responseTime: backendTime + gorouterTime,
    gorouterTime,
    backendTime,
    appId: app.id,
    appIndex: String(instance.index),
    instanceId: instance.guid,
    failedAttempts: down ? 3 : 0,
    routerError: down ? 'endpoint_failure (dial tcp: connection refused)' : '',
    traceId: random.hex(32),
    spanId: random.hex(16)
  }
}
