import { readdirSync, readFileSync } from 'node:fs'

/**
 * Exact bytes that the platform's own agent (syslog-agent of loggregator-agent-release, unmodified) sent, one of each envelope:
 * test/cases/captures/NAME.connN.raw is what connection N carried, after TLS. Names with `syslog` hold octet-counted frames,
 * names with `https` raw HTTP/1.1 requests. All content is synthetic.
 */
const directory = new URL('./captures/', import.meta.url)

/** How many syslog messages each capture holds. */
export const captures = {
  'syslog-all': 31,
  'syslog-tls-all': 31,
  'syslog-tls-mtls-all': 31,
  'syslog-default': 17,
  'syslog-draindata-logs': 17,
  'syslog-draintype-logs': 16,
  'syslog-draindata-metrics': 13,
  'syslog-draintype-all': 29,
  'syslog-draindata-traces': 1,
  'syslog-all-nometadata': 31,
  'aggregate-syslog-tls-all': 33,
  'https-all': 31,
  'https-mtls-all': 31,
  'https-basicauth-all': 31,
  'https-batch-all': 31,
  'https-batch-mtls-all': 31,
  'aggregate-https-batch-all': 33
} as const
export type Capture = keyof typeof captures

const isCapture = (name: string): name is Capture => name in captures
export const syslogCaptures = Object.keys(captures).filter(isCapture).filter(name => name.includes('syslog'))
export const httpsCaptures = Object.keys(captures).filter(isCapture).filter(name => name.includes('https'))

/** The bytes of each connection, in order. */
export function connectionsOf(name: Capture): Buffer[] {
  return readdirSync(directory)
    .filter(file => file.startsWith(`${name}.conn`))
    .sort()
    .map(file => readFileSync(new URL(file, directory)))
}

/** The messages of an octet-counted capture, each with its count: what the agent wrote at once. */
export function countedFramesOf(name: Capture): Buffer[] {
  const frames: Buffer[] = []
  for (const bytes of connectionsOf(name)) {
    let at = 0
    while (at < bytes.length) {
      const space = bytes.indexOf(' ', at)
      const end = space + 1 + Number(bytes.toString('latin1', at, space))
      frames.push(bytes.subarray(at, end))
      at = end
    }
  }
  return frames
}

/** The messages of an octet-counted capture, each with its final line feed. */
export const framesOf = (name: Capture): Buffer[] =>
  countedFramesOf(name).map(frame => frame.subarray(frame.indexOf(' ') + 1))

export interface CapturedRequest {
  /** Request line and headers as sent, with the empty line. */
  readonly head: string
  readonly method: string
  /** Path and query. */
  readonly target: string
  /** By lower-case name. */
  readonly headers: Readonly<Record<string, string>>
  readonly body: Buffer
}

/** The HTTP requests of a capture. */
export function requestsOf(name: Capture): CapturedRequest[] {
  const requests: CapturedRequest[] = []
  for (const bytes of connectionsOf(name)) {
    let at = 0
    while (at < bytes.length) {
      const end = bytes.indexOf('\r\n\r\n', at) + 4
      const head = bytes.toString('latin1', at, end)
      const [line = '', ...lines] = head.trimEnd().split('\r\n')
      const [method = '', target = ''] = line.split(' ')
      const headers = Object.fromEntries(
        lines.map(text => [text.slice(0, text.indexOf(':')).toLowerCase(), text.slice(text.indexOf(':') + 1).trim()])
      )
      const length = Number(headers['content-length'])
      requests.push({ head, method, target, headers, body: bytes.subarray(end, end + length) })
      at = end + length
    }
  }
  return requests
}
