import type { FastifyInstance } from 'fastify'
import { CulvertError, type ErrorCode, errorCodes } from '../core/errors.ts'

/** The body of every answer that is no success. */
export interface Failure {
  readonly code: ErrorCode
  readonly message: string
  readonly advice?: string
  /** With SEARCH_ELSEWHERE: where the logs are. */
  readonly where?: string
}

export const failureOf = (code: ErrorCode, message: string): Failure => ({ code, message, advice: errorCodes[code] })

const statuses: Partial<Record<ErrorCode, number>> = {
  QUERY_INVALID: 400,
  REQUEST_INVALID: 400,
  UNAUTHORIZED: 401,
  HOST_REFUSED: 403,
  NOT_FOUND: 404,
  SEARCH_ELSEWHERE: 404,
  BODY_TOO_LARGE: 413,
  INTERNAL: 500,
  JOURNAL_FULL: 503,
  JOURNAL_FAILING: 503,
  JOURNAL_TIMEOUT: 503,
  JOURNAL_STOPPED: 503,
  NOT_STORED: 503,
  NOT_DELIVERED: 503,
  SINK_UNAVAILABLE: 503,
  SINK_UNAUTHORIZED: 503,
  DEAD_LETTERS_FAILING: 503,
  TAIL_FULL: 503,
  QUERY_DEADLINE: 504
}

/** Answers everything thrown as a Failure. Our own errors are told; others are logged and kept to ourselves. */
export function answerFailures(app: FastifyInstance): void {
  app.setErrorHandler((error, request, reply) => {
    const known = knownError(error)
    if (known === undefined) {
      request.log.error({ err: error, url: request.url }, 'A request failed.')
      return reply.code(500).send(failureOf('INTERNAL', 'The request failed because of a mistake of ours.'))
    }
    return reply.code(statuses[known.code] ?? 500).send(failureOf(known.code, known.message))
  })
}

/** Fastify's own refusals by their status, in our codes. */
function knownError(error: unknown): CulvertError | undefined {
  if (error instanceof CulvertError) return error
  if (!(error instanceof Error) || !('statusCode' in error)) return undefined
  if (error.statusCode === 413) return new CulvertError('BODY_TOO_LARGE', 'The body is larger than allowed.')
  if (error.statusCode === 404) return new CulvertError('NOT_FOUND', 'There is nothing here.')
  if (error.statusCode === 400 || error.statusCode === 415) return new CulvertError('REQUEST_INVALID', error.message)
  return undefined
}
