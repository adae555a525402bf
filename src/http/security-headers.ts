import type { FastifyInstance } from 'fastify'

const own = "default-src 'none'; script-src 'self'; img-src 'self' data:; font-src 'self'; connect-src 'self'"
const frame = "base-uri 'none'; form-action 'self'; frame-ancestors 'none'"

/** The console brings all its code and styles as files of its own. */
const consolePolicy = `${own}; style-src 'self'; manifest-src 'self'; ${frame}`
/** Swagger UI writes styles into its page. */
const docsPolicy = `${own}; style-src 'self' 'unsafe-inline'; ${frame}`

/** Sets what tells a browser to run nothing but our own files, and to show them to nobody else. */
export function sendSecurityHeaders(app: FastifyInstance): void {
  app.addHook('onRequest', (request, reply, done) => {
    reply.headers({
      'content-security-policy': request.url.startsWith('/docs') ? docsPolicy : consolePolicy,
      'x-content-type-options': 'nosniff',
      'x-frame-options': 'DENY',
      'referrer-policy': 'no-referrer',
      'cross-origin-opener-policy': 'same-origin',
      'cross-origin-resource-policy': 'same-origin'
    })
    done()
  })
}
