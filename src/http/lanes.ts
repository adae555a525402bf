import type { FastifyInstance } from 'fastify'
import { z } from 'zod'
import { CulvertError } from '../core/errors.ts'
import { restartedLane } from './answers.ts'
import type { HttpDependencies } from './contract.ts'
import { readQuery } from './parameters.ts'
import { routeSchema } from './route-schema.ts'

const path = z.object({ name: z.string().max(100).describe('The lane’s name, as in the status.') })
const body = z.object({}).describe('Nothing: `{}`.')

export function serveLanes(app: FastifyInstance, { restartLane }: Pick<HttpDependencies, 'restartLane'>): void {
  app.post(
    '/lanes/:name/restart',
    {
      schema: routeSchema({
        summary: 'Stops a lane at a commit and starts it anew, with new connections',
        description:
          'For a connection that is stuck, or when templates were changed by hand. What is on its way gets five seconds, then it is aborted, ' +
          'and looked up before it is sent again: nothing is lost or doubled. Other lanes go on. The lane’s counters of batches and retries ' +
          'begin at 0; its ledger goes on.',
        tags: ['status'],
        params: path,
        body,
        answer: restartedLane,
        failures: { 400: 'No JSON object was sent', 404: 'There is no such lane', 503: 'Nothing is delivered now' }
      })
    },
    async request => {
      // A page of another site can send anything but JSON without asking.
      if (typeof request.body !== 'object' || request.body === null)
        throw new CulvertError('REQUEST_INVALID', 'Send a JSON object, as application/json.')
      const { name } = readQuery(path, request.params)
      await restartLane(name)
      return { lane: name }
    }
  )
}
