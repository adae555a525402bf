import { pairedFields, type RouterField, type RouterLine, routerFieldIndex } from '../src/core/router-line.ts'
import { unquote } from './go-quote.ts'

/** The keys of pairs that have a place in the ranges. */
export const pairKeys = pairedFields.map(name => ({ bytes: Buffer.from(name), slot: routerFieldIndex.get(name)! }))

const quote = 0x22

/** An access line as ranges of its record's bytes. */
export class ScannedRouterLine implements RouterLine {
  readonly kind = 'router'
  readonly bytes: Buffer
  readonly ranges: Int32Array
  readonly others: readonly number[]
  readonly status: number | undefined
  #found: Trace | undefined

  constructor(bytes: Buffer, ranges: Int32Array, others: readonly number[]) {
    this.bytes = bytes
    this.ranges = ranges
    this.others = others
    this.status = this.#number('status')
  }

  #text(field: RouterField): string | undefined {
    const at = routerFieldIndex.get(field)!
    const start = this.ranges[at]!
    const quoted = this.bytes[start - 1] === quote || field === 'target' || field === 'protocol'
    return textOf(this.bytes, start, this.ranges[at + 1]!, quoted)
  }

  #number(field: RouterField): number | undefined {
    const at = routerFieldIndex.get(field)!
    const start = this.ranges[at]!
    if (start === 0) return undefined
    const value = Number(this.bytes.toString('latin1', start, this.ranges[at + 1]!))
    return Number.isFinite(value) && value >= 0 ? value : undefined
  }

  get host() {
    return this.#text('host') ?? ''
  }
  get time() {
    return this.#text('time') ?? ''
  }
  get method() {
    return this.#text('method')
  }
  get target() {
    return this.#text('target')
  }
  get path() {
    const target = this.target
    const mark = target?.indexOf('?') ?? -1
    return mark < 0 ? target : target?.slice(0, mark)
  }
  get query() {
    const target = this.target
    const mark = target?.indexOf('?') ?? -1
    return mark < 0 ? undefined : target?.slice(mark + 1)
  }
  get protocol() {
    return this.#text('protocol')
  }
  get bytesReceived() {
    return this.#number('bytesReceived')
  }
  get bytesSent() {
    return this.#number('bytesSent')
  }
  get referer() {
    return this.#text('referer')
  }
  get userAgent() {
    return this.#text('userAgent')
  }
  get remoteAddress() {
    return this.#text('remoteAddress')
  }
  get backendAddress() {
    return this.#text('backendAddress')
  }
  get forwardedFor() {
    return this.#text('x_forwarded_for')
  }
  get forwardedProto() {
    return this.#text('x_forwarded_proto')
  }
  get requestId() {
    return this.#text('vcap_request_id')
  }
  get responseTime() {
    return this.#number('response_time')
  }
  get gorouterTime() {
    return this.#number('gorouter_time')
  }
  get appId() {
    return this.#text('app_id')
  }
  get appIndex() {
    return this.#text('app_index')
  }
  get instanceId() {
    return this.#text('instance_id')
  }
  get routerError() {
    return this.#text('x_cf_routererror')
  }
  get traceId() {
    return this.#trace()[0]
  }
  get spanId() {
    return this.#trace()[1]
  }

  get extra(): Readonly<Record<string, string>> {
    const extra: Record<string, string> = Object.create(null)
    const { bytes, others } = this
    for (let i = 0; i < others.length; i += 4) {
      const start = others[i + 2]!
      const value = textOf(bytes, start, others[i + 3]!, bytes[start - 1] === quote)
      if (value !== undefined) extra[bytes.toString('utf8', others[i], others[i + 1])] ??= value
    }
    return extra
  }

  /** Trace and span from W3C traceparent, b3, or x_b3_traceid and x_b3_spanid; looked for once. */
  #trace(): Trace {
    return (this.#found ??= this.others.length === 0 ? noTrace : traceOf(this.extra))
  }
}

type Trace = readonly [trace?: string | undefined, span?: string | undefined]
const noTrace: Trace = []

function traceOf({ traceparent, b3, x_b3_traceid: trace, x_b3_spanid: span }: Readonly<Record<string, string>>): Trace {
  const parent = /^[0-9a-f]{2}-([0-9a-f]{32})-([0-9a-f]{16})-/.exec(traceparent ?? '')
  if (parent !== null) return [parent[1], parent[2]]
  const single = /^([0-9a-f]{16,32})-([0-9a-f]{16})/.exec(b3 ?? '')
  return single === null ? [trace, span] : [single[1], single[2]]
}

/** `-` and nothing are undefined. */
function textOf(bytes: Buffer, start: number, end: number, quoted: boolean): string | undefined {
  if (end <= start || (end - start === 1 && bytes[start] === 0x2d)) return undefined
  const text = bytes.toString('utf8', start, end)
  return quoted && text.includes('\\') ? unquote(text) : text
}
