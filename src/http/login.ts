import { createHash, timingSafeEqual } from 'node:crypto'
import { isIP } from 'node:net'
import type { onRequestHookHandler } from 'fastify'
import { CulvertError } from '../core/errors.ts'

export interface LoginOptions {
  readonly token: string | undefined
  /** How a browser asks a person for the token: `Basic` shows its own dialogue, `Bearer` leaves it to the page. */
  readonly challenge: 'Bearer' | 'Basic'
}

/**
 * Lets through who sends the token, as `Authorization: Bearer TOKEN` or as the password of Basic with any user. Without a token
 * everybody is let through who calls us by an address or as localhost: a page of another site whose name was pointed at us
 * (DNS rebinding) calls us by that name.
 */
export function createLogin({ token, challenge }: LoginOptions): onRequestHookHandler {
  const expected = token === undefined ? undefined : digest(token)
  return (request, reply, done) => {
    if (expected === undefined) {
      done(isOurName(request.headers.host) ? undefined : refusedName)
      return
    }
    const given = tokenOf(request.headers.authorization)
    if (given !== undefined && timingSafeEqual(digest(given), expected)) {
      done()
      return
    }
    reply.header('www-authenticate', `${challenge} realm="Culvert"`)
    done(new CulvertError('UNAUTHORIZED', given === undefined ? 'The token is missing.' : 'The token is wrong.'))
  }
}

const refusedName = new CulvertError(
  'HOST_REFUSED',
  'Without a token, Culvert answers only to its address or localhost.'
)

function isOurName(host: string | undefined): boolean {
  const name = (host ?? '')
    .replace(/:\d+$/, '')
    .replace(/^\[(.*)\]$/, '$1')
    .toLowerCase()
  return isIP(name) !== 0 || name === 'localhost' || name.endsWith('.localhost')
}

/** RFC 6750 section 2.1, RFC 7617 section 2. */
function tokenOf(authorization: string | undefined): string | undefined {
  const match = /^(bearer|basic) +(\S+)$/i.exec(authorization ?? '')
  if (match === null) return undefined
  if (match[1]!.toLowerCase() === 'bearer') return match[2]
  const pair = Buffer.from(match[2]!, 'base64').toString('utf8')
  return pair.slice(pair.indexOf(':') + 1)
}

const digest = (text: string): Buffer => createHash('sha256').update(text).digest()
