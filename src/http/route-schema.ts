import type { FastifySchema } from 'fastify'
import { z } from 'zod'
import { failure } from './answers.ts'

interface RouteText {
  readonly summary: string
  readonly description?: string
  readonly tags: readonly string[]
  readonly query?: z.ZodType
  readonly params?: z.ZodType
  readonly body?: z.ZodType
  readonly answer?: z.ZodType
  /** Of an answer that is text and no JSON. */
  readonly contentType?: string
  /** Answers that are no success, besides 401. */
  readonly failures?: Readonly<Record<number, string>>
  /** Needs no token. */
  readonly open?: boolean
}

/** A route's schema for fastify and OpenAPI. Nothing checks by it: `readQuery` does, by the same zod schema. */
export function routeSchema({
  summary,
  description,
  tags,
  query,
  params,
  body,
  answer,
  contentType = 'text/plain',
  failures = {},
  open = false
}: RouteText): FastifySchema {
  const refusals = open ? failures : { 401: 'The token is missing or wrong', ...failures }
  return {
    summary,
    ...(description === undefined ? {} : { description }),
    tags: [...tags],
    security: open ? [] : [{ token: [] }],
    ...(query === undefined ? {} : { querystring: jsonSchema(query, 'input') }),
    ...(params === undefined ? {} : { params: jsonSchema(params, 'input') }),
    ...(body === undefined ? {} : { body: jsonSchema(body, 'input') }),
    response: {
      200:
        answer === undefined
          ? { description: 'Text', content: { [contentType]: { schema: { type: 'string' } } } }
          : { description: 'Answer', ...jsonSchema(answer) },
      ...failureAnswers(refusals)
    }
  }
}

/** Answers that are no success, by their status. */
export const failureAnswers = (texts: Readonly<Record<number, string>>) =>
  Object.fromEntries(
    Object.entries(texts).map(([status, text]) => [status, { description: text, ...jsonSchema(failure) }])
  )

function jsonSchema(schema: z.ZodType, io: 'input' | 'output' = 'output') {
  const { $schema: _, ...rest } = z.toJSONSchema(schema, { io })
  return rest
}
