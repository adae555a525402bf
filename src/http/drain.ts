import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { CulvertError, messageOf } from '../core/errors.ts'
import type { HttpListener } from '../core/record.ts'
import type { BodyRoom } from './body-room.ts'
import type { Drain, Stored } from './contract.ts'
import { failureOf } from './failure.ts'
import { failureAnswers } from './route-schema.ts'

/** A body lies in memory as it came and as a record. */
const copies = 2

/**
 * POST /drain and POST /, with any query: the platform's https and https-batch drains. Its agent repeats a POST 22 times after
 * any answer but 2xx (https.go, retry_writer.go), so nothing about the content is ever refused; only 401, 413 and 503 remain.
 */
export function serveDrain(app: FastifyInstance, drain: Drain, bodyLimit: number, room: BodyRoom): void {
  const releases = new WeakMap<FastifyRequest, () => void>()

  function refuse(reply: FastifyReply, status: number): FastifyReply {
    if (status === 401) {
      reply.header('www-authenticate', 'Basic realm="Culvert drain"')
      return reply.code(401).send(failureOf('UNAUTHORIZED', 'The drain’s user or password is wrong or missing.'))
    }
    return reply.code(status).send(failureOf('NOT_STORED', 'The lines could not be stored now.'))
  }

  app.removeAllContentTypeParsers()
  app.addContentTypeParser('*', { parseAs: 'buffer' }, (_request, body, done) => done(null, body))

  app.addHook('onRequest', async (request, reply) => {
    const { headers } = request.raw
    const listener = listenerOf(request)
    if (!drain.authorized(headers.authorization)) {
      drain.problem(listener, 'unauthorized')
      return refuse(reply, 401)
    }
    const bytes = copies * Math.min(Number(headers['content-length'] ?? bodyLimit), bodyLimit)
    // Before the body is read.
    if (!(await room.take(bytes))) {
      drain.problem(listener, 'no_room')
      return refuse(reply, 503)
    }
    const type = headers['content-type']
    if (type !== undefined && !usualTypes.test(type)) drain.problem(listener, 'content_type')
    releases.set(request, () => {
      releases.delete(request)
      room.give(bytes)
    })
    const gone = (): void => {
      if (request.body === undefined) releases.get(request)?.()
    }
    if (reply.raw.closed)
      gone() // while it waited
    else reply.raw.once('close', gone)
    // Whatever it claims to be, it is bytes: fastify answers 415 to a type that it cannot read.
    headers['content-type'] = 'application/octet-stream'
    return undefined
  })

  app.setErrorHandler((error, request, reply) => {
    if (request.raw.readableAborted) {
      drain.problem(listenerOf(request), 'aborted') // nobody hears the answer
      return reply.code(503).send(failureOf('NOT_STORED', 'The body did not come whole.'))
    }
    if (error instanceof Error && 'statusCode' in error && error.statusCode === 413) {
      drain.problem(listenerOf(request), 'too_large')
      return reply.code(413).send(failureOf('BODY_TOO_LARGE', `The body is larger than ${bodyLimit} bytes.`))
    }
    if (error instanceof CulvertError) {
      return reply.code(503).send(failureOf(error.code, error.message))
    }
    request.log.error({ err: error }, 'A POST to the drain failed and will be repeated by its sender.')
    return reply.code(503).send(failureOf('NOT_STORED', messageOf(error)))
  })

  /** The body is let go of when it is stored: whoever waits for lanes must not hold memory. */
  async function store(request: FastifyRequest): Promise<number | Stored> {
    try {
      const body = Buffer.isBuffer(request.body) ? request.body : Buffer.alloc(0)
      return await drain.handle({ target: request.raw.url ?? '/', body, listener: listenerOf(request) })
    } finally {
      request.body = undefined
      releases.get(request)?.()
    }
  }

  const handler = async (request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> => {
    const stored = await store(request)
    if (typeof stored === 'number') return stored < 300 ? reply.code(stored).send() : refuse(reply, stored)
    await drain.delivered(stored, goneSignal(reply))
    return reply.code(204).send()
  }
  for (const url of ['/drain', '/']) app.post(url, { bodyLimit, schema: drainSchema }, handler)
}

/** Aborts when the connection is closed before the answer. */
function goneSignal({ raw }: FastifyReply): AbortSignal {
  const gone = new AbortController()
  raw.once('close', () => gone.abort())
  if (raw.destroyed) gone.abort()
  return gone.signal
}

const listenerOf = (request: FastifyRequest): HttpListener => (request.protocol === 'https' ? 'https' : 'http')

/** The agent says text/plain, others bytes or nothing; all else was perhaps not meant for us. */
const usualTypes = /^(?:text\/plain|application\/octet-stream)(?:$|\s*;)/i

const drainSchema = {
  summary: 'Takes syslog messages: one, or many simply concatenated',
  description:
    'Any content type, any query. 2xx is answered only when the lines are safe in the journal, or with `CULVERT_DRAIN_ACKNOWLEDGE=delivered` when every lane has delivered them; any content is taken. Credentials are those of the drain (Basic), not the API’s token.',
  tags: ['drain'],
  security: [{ drain: [] }],
  consumes: ['text/plain'],
  body: { type: 'string', description: 'RFC 5424 messages without octet counts, each ending in a line feed' },
  response: {
    204: { description: 'Stored safely', type: 'null' },
    ...failureAnswers({
      401: 'The drain’s user or password is wrong or missing',
      413: 'Larger than the limit',
      503: 'Cannot be stored now: send it again'
    })
  }
}
