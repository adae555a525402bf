import type { FastifyInstance } from 'fastify'
import { ledgerAnswer, liveAnswer, ratesAnswer, readyAnswer, statusAnswer } from './answers.ts'
import type { HttpDependencies } from './contract.ts'
import { routeSchema } from './route-schema.ts'

/** Open to everybody: a platform's health check has no token. */
export function serveHealth(app: FastifyInstance, { status }: Pick<HttpDependencies, 'status'>): void {
  app.get(
    '/health/live',
    {
      schema: routeSchema({ summary: 'Whether the process answers', tags: ['health'], answer: liveAnswer, open: true })
    },
    async () => ({ state: 'live' })
  )

  app.get(
    '/health/ready',
    {
      schema: routeSchema({
        summary: 'Whether lines are accepted and delivered, and why not',
        tags: ['health'],
        answer: readyAnswer,
        open: true,
        failures: { 503: 'Not ready: `reasons` says why' }
      })
    },
    async (_request, reply) => {
      const { ready, reasons } = await status()
      return reply.code(ready ? 200 : 503).send({ ready, reasons: reasons.map(withoutLogin) })
    }
  )
}

/** Reasons may quote URLs, and strangers may read them here. */
const withoutLogin = (reason: string): string => reason.replace(/:\/\/[^/\s@]*@/g, '://***@')

export function serveState(
  app: FastifyInstance,
  { status, ledger, rates }: Pick<HttpDependencies, 'status' | 'ledger' | 'rates'>
): void {
  app.get(
    '/status',
    {
      schema: routeSchema({
        summary: 'Listeners, journal and lanes: what came in, what became of it, what lags and why',
        tags: ['status'],
        answer: statusAnswer
      })
    },
    async () => status()
  )
  app.get(
    '/ledger',
    {
      schema: routeSchema({
        summary: 'The books: what became of every frame, what was lost here by policy, and what was lost before us',
        tags: ['status'],
        answer: ledgerAnswer
      })
    },
    async () => ledger()
  )
  app.get(
    '/rates',
    {
      schema: routeSchema({
        summary: 'Lines by level and requests by status of the last seconds',
        tags: ['status'],
        answer: ratesAnswer
      })
    },
    async () => rates()
  )
}

export function serveMetrics(app: FastifyInstance, { metrics }: Pick<HttpDependencies, 'metrics'>): void {
  app.get(
    '/metrics',
    { schema: routeSchema({ summary: 'Our own metrics in Prometheus’ text format', tags: ['status'] }) },
    async (_request, reply) => reply.type(metrics.contentType).send(await metrics.text())
  )
}
