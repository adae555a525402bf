const request = /^(?:GET|HEAD|POST|PUT|PATCH|DELETE|OPTIONS|CONNECT|TRACE) \S|^PRI \* HTTP/

/** Who speaks another protocol than this port's, told by the first bytes: a TLS hello (RFC 8446 section 5.1) or an HTTP request. */
export function strangerOf(bytes: Buffer, from: number, to: number): 'tls' | 'http' | undefined {
  if (bytes[from] === 0x16 && (to - from === 1 || bytes[from + 1] === 0x03)) return 'tls'
  if (bytes[from]! < 0x41 || bytes[from]! > 0x5a) return undefined
  return request.test(bytes.toString('latin1', from, Math.min(to, from + 16))) ? 'http' : undefined
}
