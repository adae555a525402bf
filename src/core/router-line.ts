/**
 * A gorouter access line (routing-release accesslog). Strings are unquoted by Go's rules on demand; `-` and empty are undefined.
 * Times are seconds.
 */
export interface RouterLine {
  readonly kind: 'router'
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
  /** From x_b3_traceid, b3 or traceparent. */
  readonly traceId: string | undefined
  readonly spanId: string | undefined
  /** Every other key:value pair: operator's fields, tls_sni, caller_cf_*, extra headers. */
  readonly extra: Readonly<Record<string, string>>
}
