import { createServer, type Server, Socket } from 'node:net'
import { createServer as createSecureServer, type TLSSocket } from 'node:tls'
import { CulvertError, messageOf } from '../src/core/errors.ts'
import { createSharedReader, readByEvents, type Take } from './read.ts'
import type { SyslogOptions } from './syslog-options.ts'

/** Finds hosts that vanished without a word. */
const keepAlive = { keepAlive: true, keepAliveInitialDelay: 60_000 }
const handshakeTimeout = 30_000

/** One connection that may be read. */
export interface Accepted {
  /** Begins to read, and returns the socket to go on with. */
  read(take: Take): Socket
  /** The TCP socket below a TLS one: only that can be reset. */
  readonly below?: Socket
}

export function createPlainServer(serve: (accepted: Accepted) => void): Server {
  const read = createSharedReader()
  const server = createServer({ pauseOnConnect: true, ...keepAlive })
  return server.on('connection', socket => serve({ read: take => read(socket, take) }))
}

export interface SecureEvents {
  /** A TCP connection, before its handshake. */
  connected(below: Socket): void
  /** `verdict`: what is wrong with the sender's certificate, if that was it. */
  handshakeFailed(error: NodeJS.ErrnoException, verdict: unknown): void
  serve(accepted: Accepted): void
}

/** TLS 1.2 and 1.3. Throws CONFIG_INVALID for a certificate, key or authority that is none. */
export function createTlsServer(tls: NonNullable<SyslogOptions['tls']>, events: SecureEvents): Server {
  const mutual = tls.clientCa === undefined ? {} : { ca: tls.clientCa, requestCert: true, rejectUnauthorized: true }
  const options = {
    cert: tls.cert,
    key: tls.key,
    ...mutual,
    minVersion: 'TLSv1.2',
    handshakeTimeout,
    ...keepAlive
  } as const
  const server = (() => {
    try {
      return createSecureServer(options)
    } catch (error) {
      throw new CulvertError(
        'CONFIG_INVALID',
        `tls: cert, key and clientCa must be PEM that fits: ${messageOf(error)}`,
        {
          cause: error
        }
      )
    }
  })()
  server.on('connection', events.connected)
  server.on('tlsClientError', (error, socket) => events.handshakeFailed(error, socket.authorizationError))
  server.on('secureConnection', (socket: TLSSocket) => {
    const below: unknown = Reflect.get(socket, '_parent')
    events.serve({ read: take => readByEvents(socket, take), ...(below instanceof Socket && { below }) })
  })
  return server
}

/** Why a handshake failed, for people; undefined where nothing was said, as by a load balancer that looks whether we live. */
export function explainHandshake(error: NodeJS.ErrnoException, verdict?: unknown): string | undefined {
  const code = error.code ?? ''
  if (verdict !== undefined && verdict !== null)
    return 'A sender’s client certificate is not of the authority in CULVERT_TLS_CLIENT_CA, or not valid.'
  if (code === 'ECONNRESET' || code === 'EPIPE') return undefined
  if (/HTTP_REQUEST/.test(code)) return 'A sender spoke plain HTTP to the syslog TLS port.'
  if (/WRONG_VERSION_NUMBER|PACKET_LENGTH|RECORD_OVERFLOW|BAD_RECORD/.test(code))
    return 'A sender spoke plain TCP to the syslog TLS port: its drain URL wants syslog-tls://.'
  if (/DID_NOT_RETURN_A_CERTIFICATE/.test(code))
    return 'A sender showed no client certificate, which tls.clientCa requires.'
  if (/ALERT/.test(code))
    return 'A sender does not accept our certificate: it must trust its authority, and the name must fit.'
  if (/UNSUPPORTED_PROTOCOL|NO_SHARED_CIPHER|NO_SUITABLE/.test(code))
    return 'A sender and we have no TLS version or cipher in common.'
  if (/HANDSHAKE_TIMEOUT/.test(code)) return 'A sender began a TLS handshake and did not finish it.'
  return 'A TLS handshake failed.'
}
