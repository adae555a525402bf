import type { FastifyInstance } from 'fastify'
import { z } from 'zod'
import { CulvertError } from '../core/errors.ts'
import { letterPage, letterReasons, putBackStep, wholeLetter } from './answers.ts'
import type { HttpDependencies } from './contract.ts'
import { deadLetterFilter, deadLetterParameters, oneLetterParameters, readQuery, replayBody } from './parameters.ts'
import { routeSchema } from './route-schema.ts'

const tags = ['dead letters']
const failures = { 400: 'A parameter is wrong' }
const path = z.object({ id: z.string().max(100).describe('The event’s id.') })

/** What stores refused for good: to read, and to put back after a fix. */
export function serveDeadLetters(app: FastifyInstance, { deadLetters }: Pick<HttpDependencies, 'deadLetters'>): void {
  app.get(
    '/dead-letters',
    {
      schema: routeSchema({
        summary: 'Dead letters that wait, newest first',
        tags,
        query: deadLetterParameters,
        answer: letterPage,
        failures
      })
    },
    async request => deadLetters.list(readQuery(deadLetterParameters, request.query))
  )

  app.get(
    '/dead-letters/reasons',
    {
      schema: routeSchema({
        summary: 'Why stores refused them: dead letters counted by lane and reason',
        tags,
        query: deadLetterFilter,
        answer: letterReasons,
        failures
      })
    },
    async request => deadLetters.reasons(readQuery(deadLetterFilter, request.query))
  )

  app.get(
    '/dead-letters/:id',
    {
      schema: routeSchema({
        summary: 'A dead letter whole: event, reason and the frame’s bytes',
        description: 'The newest one of an event, where several lanes gave it up and none is named.',
        tags,
        params: path,
        query: oneLetterParameters,
        answer: wholeLetter,
        failures: { ...failures, 404: 'No such letter waits' }
      })
    },
    async request => {
      const { id } = readQuery(path, request.params)
      const { lane } = readQuery(oneLetterParameters, request.query)
      const letter = await deadLetters.letter(id, lane)
      if (letter === undefined) throw new CulvertError('NOT_FOUND', `No dead letter of the event ${id} waits.`)
      return letter
    }
  )

  app.post(
    '/dead-letters/replay',
    {
      schema: routeSchema({
        summary: 'Puts dead letters back: the stores that refused them get them once more, under the same ids',
        description:
          'A bounded number, newest first: call it again with `next` as `cursor` until there is none. What a store takes waits no more and is ' +
          'not put back a second time; what it refuses again stays. Events may be put back at any time: the store is asked first whether it has them.',
        tags,
        body: replayBody,
        answer: putBackStep,
        failures: { ...failures, 503: 'A store, or the disk, does not take them now; what was done is done' }
      })
    },
    async request => {
      // A page of another site can send anything but JSON without asking.
      if (typeof request.body !== 'object' || request.body === null)
        throw new CulvertError('REQUEST_INVALID', 'Send a JSON object, as application/json.')
      return deadLetters.replay(readQuery(replayBody, request.body))
    }
  )
}
