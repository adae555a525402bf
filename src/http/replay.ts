import type { FastifyInstance } from 'fastify'
import { CulvertError } from '../core/errors.ts'
import { replayRange, replayStep } from './answers.ts'
import type { HttpDependencies } from './contract.ts'
import { readQuery, replayParameters, replayStepBody } from './parameters.ts'
import { routeSchema } from './route-schema.ts'

const tags = ['replay']
const unready = 'The lane, its store or the journal is not ready for it now; nothing is lost'
const failures = { 400: 'A parameter is wrong, or the sink cannot do it', 503: unready }

/** The journal once more, for one sink: what it holds of a time range, and step by step. */
export function serveReplay(app: FastifyInstance, { replay }: Pick<HttpDependencies, 'replay'>): void {
  app.get(
    '/replay',
    {
      schema: routeSchema({
        summary: 'What the journal holds of a range of receipt times, for a replay into a sink',
        tags,
        query: replayParameters,
        answer: replayRange,
        failures
      })
    },
    async request => replay.range(readQuery(replayParameters, request.query))
  )

  app.post(
    '/replay',
    {
      schema: routeSchema({
        summary: 'One step of a replay: a sink gets some records of the journal once more, under the same ids',
        description:
          'Ask for the range first, then for steps from each partition’s `position` to its `end`. The server keeps nothing of a replay: a step may be ' +
          'repeated, and nothing is doubled. It does not change the lane’s cursor or ledger, and ends at the cursor: what lies behind it comes by itself. ' +
          'One step of a sink at a time.',
        tags,
        body: replayStepBody,
        answer: replayStep,
        failures
      })
    },
    async request => {
      // A page of another site can send anything but JSON without asking.
      if (typeof request.body !== 'object' || request.body === null)
        throw new CulvertError('REQUEST_INVALID', 'Send a JSON object, as application/json.')
      return replay.step(readQuery(replayStepBody, request.body))
    }
  )
}
