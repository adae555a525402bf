import fastify, { type FastifyInstance, type FastifyReply, LogController } from 'fastify'
import { createBodyRoom } from './body-room.ts'
import { serveConsole } from './console.ts'
import type { HttpDependencies } from './contract.ts'
import { serveDeadLetters } from './dead-letters.ts'
import { collectRoutes, serveDocs } from './docs.ts'
import { serveDrain } from './drain.ts'
import { answerFailures, failureOf } from './failure.ts'
import { serveLanes } from './lanes.ts'
import { createLogin } from './login.ts'
import { serveReplay } from './replay.ts'
import { serveSearch } from './search.ts'
import { sendSecurityHeaders } from './security-headers.ts'
import { createServers } from './servers.ts'
import { serveHealth, serveMetrics, serveState } from './state.ts'
import { createTailServer, type TailLimits } from './tail.ts'

/** How long requests under way may take to end when we stop, where nobody says. */
const stopGraceMs = 2000

/**
 * The HTTP side: drain, API, health, metrics, documentation and console, on one port in the clear and, with a certificate, on
 * another over TLS. `create` opens nothing; `listen` throws PORT_TAKEN; `stop` ends what is under way and may be called twice.
 */
export async function createHttp(dependencies: HttpDependencies, limits: { tail?: TailLimits } = {}) {
  const { config, drain, log, version, consoleDir } = dependencies
  const { token } = config.http
  const tail = createTailServer(dependencies.tail, limits.tail)
  const app = createApp(log)
  const servers = createServers(config, app.routing)

  await collectRoutes(app, version)
  const bodies = createBodyRoom(config.memoryBytes / 3)
  if (drain !== undefined) await app.register(async scope => serveDrain(scope, drain, config.http.bodyLimit, bodies))
  serveHealth(app, dependencies)
  await app.register(async scope => {
    scope.addHook('onRequest', createLogin({ token, challenge: 'Bearer' }))
    serveMetrics(scope, dependencies)
  })
  await app.register(
    async scope => {
      scope.addHook('onRequest', createLogin({ token, challenge: 'Bearer' }))
      scope.addHook('onRequest', async (_request, reply) => {
        reply.header('cache-control', 'no-store')
      })
      serveState(scope, dependencies)
      serveSearch(scope, dependencies)
      serveDeadLetters(scope, dependencies)
      serveReplay(scope, dependencies)
      serveLanes(scope, dependencies)
      tail.serve(scope)
    },
    { prefix: '/api/v1' }
  )
  await serveDocs(app, token)
  await serveConsole(app, consoleDir)

  await app.ready()

  return {
    listen: servers.listen,
    /** Of each port: where it is bound, open connections, and those with something wrong, by what. */
    listeners: servers.status,
    /** What bodies of POSTs take. */
    bodies: bodies.status,
    /** The live tail: clients now, rows dropped so far. */
    tail: tail.snapshot,
    /** Accepts no connections and ends the live tails; resolves when every request has ended, at the latest after `graceMs`. */
    async quiet(graceMs: number): Promise<void> {
      tail.stop()
      await servers.quiet(graceMs)
    },
    /** Accepts no connections, ends the live tails, and cuts off what is left after `graceMs`. Safe twice. */
    async stop(graceMs = stopGraceMs): Promise<void> {
      tail.stop()
      await servers.close(graceMs)
      await app.close()
    }
  }
}
export type Http = Awaited<ReturnType<typeof createHttp>>

function createApp(log: HttpDependencies['log']): FastifyInstance {
  const app = fastify({
    loggerInstance: log,
    // Things that happen per request are counted, not logged.
    logController: new LogController({ disableRequestLogging: true }),
    exposeHeadRoutes: false,
    // Requests that come while we stop are still served: the drain's lines are worth it.
    return503OnClosing: false,
    routerOptions: { ignoreTrailingSlash: true, ignoreDuplicateSlashes: true },
    frameworkErrors: (error, _request, reply: FastifyReply) => {
      void reply.code(400).send(failureOf('REQUEST_INVALID', error.message))
    }
  })
  // Parameters are read by readQuery, answers are printed as they are: the schemas are for OpenAPI.
  app.setValidatorCompiler(() => value => ({ value }))
  app.setSerializerCompiler(() => JSON.stringify)
  answerFailures(app)
  sendSecurityHeaders(app)
  return app
}
