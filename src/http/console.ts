import { access } from 'node:fs/promises'
import { join, sep } from 'node:path'
import fastifyStatic from '@fastify/static'
import type { FastifyInstance, FastifyRequest } from 'fastify'
import { failureOf } from './failure.ts'

/** The console's built files at /, public: they hold nothing. Its pages have
 * addresses behind `#`, so `/search` leads to `/#/search`; without a build, a page that says so. */
export async function serveConsole(app: FastifyInstance, dir: string): Promise<void> {
  const built = await access(join(dir, 'index.html')).then(
    () => true,
    () => false
  )
  if (built) {
    await app.register(fastifyStatic, {
      root: dir,
      cacheControl: false,
      // Vite names what lies in assets/ by a hash of its content.
      setHeaders: (response, path) => {
        const hashed = path.startsWith(join(dir, 'assets') + sep)
        response.header('cache-control', hashed ? 'public, max-age=31536000, immutable' : 'no-cache')
      }
    })
  } else {
    app.get('/', { schema: { hide: true } }, (_request, reply) =>
      reply.type('text/html; charset=utf-8').send(missingPage)
    )
  }

  app.setNotFoundHandler((request, reply) =>
    built && isClientRoute(request)
      ? reply.redirect(`/#${request.url}`)
      : reply.code(404).send(failureOf('NOT_FOUND', `There is no ${request.method} ${pathOf(request)}.`))
  )
}

const isClientRoute = (request: FastifyRequest): boolean =>
  (request.method === 'GET' || request.method === 'HEAD') &&
  (request.headers.accept ?? '').includes('text/html') &&
  !/^\/(api|assets|docs|health|metrics)(\/|$)/.test(pathOf(request))

const pathOf = (request: FastifyRequest): string => request.url.split('?', 1)[0] ?? '/'

const missingPage = `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<title>Culvert</title>
<h1>Culvert is running</h1>
<p>The console is not built: run <code>npm run build</code> and start again.</p>
<p>The API needs no console: see <a href="/docs">its documentation</a>, <a href="/health/ready">whether all is well</a>
and <a href="/api/v1/status">the state of every lane</a>.</p>
</html>
`
