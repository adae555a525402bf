import type { FastifyInstance, FastifyReply } from 'fastify'
import { CulvertError } from '../core/errors.ts'
import { containersAnswer, logPage, metricsAnswer, namesAnswer } from './answers.ts'
import type { HttpDependencies, MetricsQuery, Queries } from './contract.ts'
import { type Failure, failureOf } from './failure.ts'
import { jsonList } from './json-list.ts'
import { logsParameters, maxPoints, metricsParameters, rangeParameters, readQuery } from './parameters.ts'
import { routeSchema } from './route-schema.ts'

const hour = 3_600_000
const usualPoints = 300

const failures = {
  400: 'A parameter is wrong',
  404: 'There is no local store; `where` says where to look',
  504: 'The search took too long'
}

/** Searches in the local store; without one, where to search instead. */
export function serveSearch(
  app: FastifyInstance,
  { queries, status }: Pick<HttpDependencies, 'queries' | 'status'>
): void {
  const search = async (
    reply: FastifyReply,
    ask: (queries: Queries) => Promise<FastifyReply>
  ): Promise<FastifyReply> => (queries === undefined ? reply.code(404).send(await elsewhere(status)) : ask(queries))

  app.get(
    '/logs',
    {
      schema: routeSchema({
        summary: 'Searches logs and platform events, newest first',
        tags: ['logs'],
        query: logsParameters,
        answer: logPage,
        failures
      })
    },
    async (request, reply) => {
      const query = readQuery(logsParameters, request.query)
      return search(reply, async queries => {
        const { logs, next } = await queries.logs(query)
        return sendList(reply, 'logs', logs, next === undefined ? {} : { next })
      })
    }
  )

  app.get(
    '/metrics',
    {
      schema: routeSchema({
        summary: 'One metric over time, a series per app instance',
        tags: ['metrics'],
        query: metricsParameters,
        answer: metricsAnswer,
        failures
      })
    },
    async (request, reply) => {
      const query = metricsQuery(request.query, Date.now())
      return search(reply, async queries => sendList(reply, 'series', (await queries.metrics(query)).series))
    }
  )

  app.get(
    '/metrics/names',
    {
      schema: routeSchema({
        summary: 'Which metrics there are',
        tags: ['metrics'],
        query: rangeParameters,
        answer: namesAnswer,
        failures
      })
    },
    async (request, reply) => {
      const range = readQuery(rangeParameters, request.query)
      return search(reply, async queries => sendList(reply, 'names', (await queries.metricNames(range)).names))
    }
  )

  app.get(
    '/containers',
    {
      schema: routeSchema({
        summary: 'Last container metrics of every app instance',
        tags: ['metrics'],
        answer: containersAnswer,
        failures
      })
    },
    async (_request, reply) =>
      search(reply, async queries => sendList(reply, 'containers', (await queries.latestContainers()).containers))
  )
}

const sendList = (reply: FastifyReply, key: string, items: readonly unknown[], rest = {}): FastifyReply =>
  reply.type('application/json; charset=utf-8').send(jsonList(key, items, rest))

async function elsewhere(status: HttpDependencies['status']): Promise<Failure> {
  const places = [...new Set((await status()).lanes.map(lane => lane.where))]
  return { ...failureOf('SEARCH_ELSEWHERE', 'There is no local store to search.'), where: places.join('; ') }
}

/** The last hour and about 300 points, where nothing else is asked for. */
function metricsQuery(parameters: unknown, now: number): MetricsQuery {
  const { name, app, from: askedFrom, to = now, stepMs: askedStep } = readQuery(metricsParameters, parameters)
  const from = askedFrom ?? to - hour
  if (from >= to) throw new CulvertError('QUERY_INVALID', 'from: may be earlier than `to` only')
  const stepMs = askedStep ?? Math.max(1000, Math.ceil((to - from) / usualPoints / 1000) * 1000)
  if ((to - from) / stepMs > maxPoints) {
    throw new CulvertError('QUERY_INVALID', `stepMs: makes more than ${maxPoints} points of this time range`)
  }
  return app === undefined ? { name, from, to, stepMs } : { name, app, from, to, stepMs }
}
