import {
  otherPairs,
  pairedFields,
  type RouterField,
  type RouterLine,
  routerFieldIndex
} from '../src/core/router-line.ts'
import { unquote } from './go-quote.ts'

/** The keys of pairs that have a place in the ranges. */
export const pairKeys = pairedFields.map(name => ({ bytes: Buffer.from(name), slot: routerFieldIndex.get(name)! }))

const quote = 0x22
const statusAt = routerFieldIndex.get('status')!
const isDigit = (byte: number): boolean => byte >= 0x30 && byte <= 0x39

/** An access line as ranges of its record's bytes. */
export class ScannedRouterLine implements RouterLine {
  readonly kind = 'router'
  readonly bytes: Buffer
  readonly ranges: Int32Array
  readonly rangesAt: number

  constructor(bytes: Buffer, ranges: Int32Array, rangesAt: number) {
    this.bytes = bytes
    this.ranges = ranges
    this.rangesAt = rangesAt
  }

  #text(field: RouterField): string | undefined {
    const at = this.rangesAt + routerFieldIndex.get(field)!
    const start = this.ranges[at]!
    const quoted = this.bytes[start - 1] === quote || field === 'target' || field === 'protocol'
    return textOf(this.bytes, start, this.ranges[at + 1]!, quoted)
  }

  #number(field: RouterField): number | undefined {
    const at = this.rangesAt + routerFieldIndex.get(field)!
    const start = this.ranges[at]!
    if (start === 0) return undefined
    const text = this.bytes.toString('latin1', start, this.ranges[at + 1]!)
    const value = text.trim() === '' ? Number.NaN : Number(text)
    return Number.isFinite(value) && value >= 0 ? value : undefined
  }

  /** Three digits are all that a status has on the wire, and what is asked of each line. */
  get status(): number | undefined {
    const { bytes, ranges } = this
    const start = ranges[this.rangesAt + statusAt]!
    if (ranges[this.rangesAt + statusAt + 1]! - start !== 3) return this.#number('status')
    const value = (bytes[start]! - 0x30) * 100 + (bytes[start + 1]! - 0x30) * 10 + bytes[start + 2]! - 0x30
    return isDigit(bytes[start]!) && isDigit(bytes[start + 1]!) && isDigit(bytes[start + 2]!)
      ? value
      : this.#number('status')
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
    return this.#text('traceId')
  }
  get spanId() {
    return this.#text('spanId')
  }

  get extra(): Readonly<Record<string, string>> {
    const extra: Record<string, string> = Object.create(null)
    const { bytes, ranges, rangesAt } = this
    const first = rangesAt + otherPairs + 1
    const last = first + ranges[rangesAt + otherPairs]! * 4
    for (let i = first; i < last; i += 4) {
      const start = ranges[i + 2]!
      const value = textOf(bytes, start, ranges[i + 3]!, bytes[start - 1] === quote)
      if (value !== undefined) extra[bytes.toString('utf8', ranges[i], ranges[i + 1])] ??= value
    }
    return extra
  }
}

/** `-` and nothing are undefined. */
function textOf(bytes: Buffer, start: number, end: number, quoted: boolean): string | undefined {
  if (end <= start || (end - start === 1 && bytes[start] === 0x2d)) return undefined
  const text = bytes.toString('utf8', start, end)
  return quoted && text.includes('\\') ? unquote(text) : text
}
