/** Fields by their place in the line, then those by key, wherever they stand. */
export const placedFields = [
  'host',
  'time',
  'method',
  'target',
  'protocol',
  'status',
  'bytesReceived',
  'bytesSent',
  'referer',
  'userAgent',
  'remoteAddress',
  'backendAddress'
] as const
export const pairedFields = [
  'x_forwarded_for',
  'x_forwarded_proto',
  'vcap_request_id',
  'response_time',
  'gorouter_time',
  'app_id',
  'app_index',
  'instance_id',
  'x_cf_routererror'
] as const
/** Parts of the values of traceparent, b3, or x_b3_traceid and x_b3_spanid. */
export const traceFields = ['traceId', 'spanId'] as const
export type RouterField = (typeof placedFields)[number] | (typeof pairedFields)[number] | (typeof traceFields)[number]

/** Where a field's range stands in the line's ranges. */
export const routerFieldIndex: ReadonlyMap<string, number> = new Map(
  [...placedFields, ...pairedFields, ...traceFields].map((name, index) => [name, index * 2])
)
/** The number of other pairs, and behind it for each: start and end of the key, start and end of the value. */
export const otherPairs = (placedFields.length + pairedFields.length + traceFields.length) * 2

/**
 * A gorouter access line (routing-release accesslog). Strings are unquoted by Go's rules on demand; `-` and empty are undefined.
 * Times are seconds.
 */
export interface RouterLine {
  readonly kind: 'router'
  /**
   * From `rangesAt` on: start and end of each field's bytes in the record, 0 where it is missing, still quoted by Go's rules, without
   * the quotes; and at `otherPairs` the other pairs.
   */
  readonly ranges: Int32Array
  readonly rangesAt: number
  readonly host: string
  /** As in the line; may not be a time. */
  readonly time: string
  readonly method: string | undefined
  /** The request target: path and query. */
  readonly target: string | undefined
  readonly path: string | undefined
  readonly query: string | undefined
  readonly protocol: string | undefined
  readonly status: number | undefined
  readonly bytesReceived: number | undefined
  readonly bytesSent: number | undefined
  readonly referer: string | undefined
  readonly userAgent: string | undefined
  readonly remoteAddress: string | undefined
  readonly backendAddress: string | undefined
  readonly forwardedFor: string | undefined
  readonly forwardedProto: string | undefined
  readonly requestId: string | undefined
  readonly responseTime: number | undefined
  readonly gorouterTime: number | undefined
  readonly appId: string | undefined
  readonly appIndex: string | undefined
  readonly instanceId: string | undefined
  readonly routerError: string | undefined
  /** From traceparent, b3 or x_b3_traceid. */
  readonly traceId: string | undefined
  readonly spanId: string | undefined
  /** Every other key:value pair: operator's fields, tls_sni, caller_cf_*, extra headers. */
  readonly extra: Readonly<Record<string, string>>
}
