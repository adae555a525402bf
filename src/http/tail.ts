import type { ServerResponse } from 'node:http'
import type { FastifyInstance } from 'fastify'
import { CulvertError } from '../core/errors.ts'
import type { Tail } from './contract.ts'
import { readQuery, tailParameters } from './parameters.ts'
import { routeSchema } from './route-schema.ts'
import { createTailClient, type TailClient } from './tail-client.ts'

export interface TailLimits {
  readonly maxClients: number
  /** Characters that wait for one client; what comes beyond them is dropped and counted. */
  readonly maxWaiting: number
  readonly heartbeatMs: number
}

export const tailLimits: TailLimits = { maxClients: 50, maxWaiting: 512 * 1024, heartbeatMs: 15_000 }

/** The live tail: server-sent events (WHATWG HTML, section 9.2), each client with its filter and its bound. */
export function createTailServer(tail: Tail, { maxClients, maxWaiting, heartbeatMs }: TailLimits = tailLimits) {
  const clients = new Set<TailClient>()
  let dropped = 0
  let stopped = false
  const heartbeat = setInterval(() => {
    for (const client of clients) client.beat()
  }, heartbeatMs).unref()

  function open(response: ServerResponse, query: unknown): void {
    const filter = readQuery(tailParameters, query)
    if (stopped) throw new CulvertError('TAIL_FULL', 'Culvert is stopping.')
    if (clients.size >= maxClients) throw new CulvertError('TAIL_FULL', `${maxClients} clients are connected already.`)
    if (response.destroyed) return
    const client = createTailClient(response, maxWaiting, count => {
      dropped += count
    })
    clients.add(client)
    const unsubscribe = tail.subscribe(filter, client.push)
    response.once('close', () => {
      unsubscribe()
      clients.delete(client)
    })
  }

  return {
    serve(app: FastifyInstance): void {
      app.get('/tail', { schema: tailSchema }, (request, reply) => {
        const { raw } = reply
        // Thrown before anything is written: then it is an answer like any other.
        for (const [name, value] of Object.entries(reply.getHeaders()))
          if (value !== undefined) raw.setHeader(name, value)
        open(raw, request.query)
        reply.hijack()
      })
    },
    /** Clients now, rows dropped so far. */
    snapshot: () => ({ clients: clients.size, dropped }),
    /** Ends every stream; new ones are refused. */
    stop(): void {
      stopped = true
      clearInterval(heartbeat)
      for (const client of clients) client.end()
    }
  }
}

const tailSchema = routeSchema({
  summary: 'New log lines as they come, as server-sent events',
  description:
    'Each `log` event holds one row, as /api/v1/logs answers them. A client that reads too slowly misses rows: a `dropped` event says how many, as {"count": n}. A comment comes every 15 seconds. The token goes into the header, so browsers read this with fetch.',
  tags: ['logs'],
  query: tailParameters,
  contentType: 'text/event-stream',
  failures: { 400: 'A parameter is wrong', 503: 'Too many clients' }
})
