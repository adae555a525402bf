import { createServer, type RequestListener, type Server } from 'node:http'
import { createServer as createTlsServer } from 'node:https'
import type { AddressInfo, Socket } from 'node:net'
import { CulvertError, messageOf } from '../core/errors.ts'
import type { HttpListener } from '../core/record.ts'
import type { HttpConfig } from './contract.ts'
import { failureOf } from './failure.ts'

/** The agent keeps idle connections for 90 s (platform's https.go): we close later than it does. */
const keepAliveTimeout = 120_000
/** Bounds how long a slow body may hold memory; the agent's own limit for writing is 20 s. */
const requestTimeout = 60_000
const headersTimeout = 30_000
/** How long one who spoke no HTTP may leave the connection half open. */
const lingerMs = 5000
/** How often idle connections are looked for while we stop. */
const sweepMs = 50
/** Connections of each server; more are closed at once and counted as `refused`. */
export const maxConnections = 20_000

export interface HttpAddress {
  readonly address: string
  readonly port: number
}

export interface HttpListenerStatus extends HttpAddress {
  readonly name: HttpListener
  readonly connections: number
  readonly problems: Readonly<Record<string, number>>
}

/** The plain server and, with a certificate, the TLS one; both give their requests to `listener`. */
export function createServers(config: HttpConfig, listener: RequestListener) {
  const limits = { keepAliveTimeout, requestTimeout, headersTimeout }
  const plain = createServer(limits, listener)
  const tls = config.https && createTlsServer({ ...limits, ...tlsOptions(config.https.tls) }, listener)
  const ports = [guarded('http', plain), ...(tls === undefined ? [] : [guarded('https', tls)])]

  function guarded(name: HttpListener, server: Server) {
    const problems: Record<string, number> = {}
    const count = (problem: string): void => {
      problems[problem] = (problems[problem] ?? 0) + 1
    }
    server.maxConnections = maxConnections
    server.on('drop', () => count('refused'))
    server.on('tlsClientError', () => count('tls_handshake'))
    // Node emits failed handshakes and broken connections here too: nobody is there to answer to.
    server.on('clientError', (error: NodeJS.ErrnoException, socket: Socket) => {
      const answer = refusalOf(error.code)
      if (answer === undefined || !socket.writable) {
        socket.destroy()
        return
      }
      count('bad_request')
      socket.end(answer)
      socket.setTimeout(lingerMs, () => socket.destroy())
    })
    let closing: Promise<void> | undefined
    return { name, server, problems, closed: () => (closing ??= close(server)) }
  }

  return {
    /** Throws PORT_TAKEN or CONFIG_INVALID naming the setting; then nothing listens. */
    async listen(): Promise<{ http: HttpAddress; https?: HttpAddress }> {
      const http = await open(plain, config.host, config.http.port, 'PORT')
      if (tls === undefined || config.https === undefined) return { http }
      try {
        return { http, https: await open(tls, config.host, config.https.port, 'CULVERT_HTTPS_PORT') }
      } catch (error) {
        await close(plain)
        throw error
      }
    },
    /** Of each port: the address it is bound to, open connections, and those with something wrong, by what. */
    status: (): Promise<HttpListenerStatus[]> =>
      Promise.all(
        ports.map(async ({ name, server, problems }) => ({
          name,
          ...addressOf(server.address(), config.host, portOf(config, name)),
          connections: await connectionsOf(server),
          problems: { ...problems }
        }))
      ),
    /** Accepts nothing more; resolves when every request has ended, at the latest after `graceMs`. */
    async quiet(graceMs: number): Promise<void> {
      await within(graceMs, Promise.all(ports.map(({ closed }) => closed())))
    },
    /** Accepts nothing more, lets running requests end for `graceMs`, then cuts them off. */
    async close(graceMs: number): Promise<void> {
      await this.quiet(graceMs)
      for (const { server } of ports) server.closeAllConnections()
      await Promise.all(ports.map(({ closed }) => closed()))
    }
  }
}

/** TLS 1.2 and 1.3: what the agent's profiles offer (platform's tls.go). */
const tlsOptions = ({ cert, key, clientCa }: NonNullable<HttpConfig['https']>['tls']) => ({
  cert,
  key,
  minVersion: 'TLSv1.2' as const,
  ...(clientCa === undefined ? {} : { ca: clientCa, requestCert: true, rejectUnauthorized: true })
})

function open(server: Server, host: string, port: number, setting: string): Promise<HttpAddress> {
  const { promise, resolve, reject } = Promise.withResolvers<HttpAddress>()
  const fail = (error: NodeJS.ErrnoException): void => reject(refusedListen(error, host, port, setting))
  server.once('error', fail)
  server.listen({ host, port }, () => {
    server.removeListener('error', fail)
    resolve(addressOf(server.address(), host, port))
  })
  return promise
}

const portOf = ({ http, https }: HttpConfig, name: HttpListener): number => (name === 'https' ? https : http)?.port ?? 0

/** As configured, where the server does not listen yet. */
const addressOf = (info: AddressInfo | string | null, host: string, port: number): HttpAddress =>
  info === null || typeof info === 'string' ? { address: host, port } : { address: info.address, port: info.port }

function refusedListen(error: NodeJS.ErrnoException, host: string, port: number, setting: string): CulvertError {
  const options = { cause: error }
  if (error.code === 'EADDRINUSE') {
    return new CulvertError('PORT_TAKEN', `${setting}: port ${port} of ${host} is taken by another process.`, options)
  }
  if (error.code === 'EACCES') {
    return new CulvertError('CONFIG_INVALID', `${setting}: port ${port} needs more rights than we have.`, options)
  }
  return new CulvertError('CONFIG_INVALID', `CULVERT_HOST: cannot listen on ${host}: ${messageOf(error)}`, options)
}

/** Accepts nothing more; resolves when no connection is left. */
function close(server: Server): Promise<void> {
  if (!server.listening) return Promise.resolve()
  const { promise, resolve } = Promise.withResolvers<void>()
  // `close` ends those that are idle now; others become idle with their answer.
  const sweep = setInterval(() => server.closeIdleConnections(), sweepMs)
  server.close(() => {
    clearInterval(sweep)
    resolve()
  })
  return promise
}

async function within(ms: number, promise: Promise<unknown>): Promise<void> {
  const { promise: over, resolve } = Promise.withResolvers<void>()
  const timer = setTimeout(resolve, ms)
  await Promise.race([promise, over])
  clearTimeout(timer)
}

const connectionsOf = (server: Server): Promise<number> =>
  new Promise(resolve => server.getConnections((_error, connections) => resolve(connections ?? 0)))

/** An answer to what is no HTTP, written by hand: there is no request to answer to. */
function refusalOf(code = ''): string | undefined {
  const status = statuses[code] ?? (code.startsWith('HPE_') ? '400 Bad Request' : undefined)
  if (status === undefined) return undefined
  const body = JSON.stringify(failureOf('REQUEST_INVALID', `${status.slice(4)}.`))
  const headers = `content-type: application/json\r\ncontent-length: ${Buffer.byteLength(body)}\r\nconnection: close`
  return `HTTP/1.1 ${status}\r\n${headers}\r\n\r\n${body}`
}

const statuses: Readonly<Record<string, string>> = {
  ERR_HTTP_REQUEST_TIMEOUT: '408 Request Timeout',
  HPE_HEADER_OVERFLOW: '431 Request Header Fields Too Large'
}
