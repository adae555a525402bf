import fastifySwagger from '@fastify/swagger'
import fastifySwaggerUi from '@fastify/swagger-ui'
import type { FastifyInstance } from 'fastify'
import { createLogin } from './login.ts'

/** Collects the routes registered after it; must be registered before them. */
export async function collectRoutes(app: FastifyInstance, version: string): Promise<void> {
  await app.register(fastifySwagger, {
    openapi: {
      openapi: '3.1.0',
      info: {
        title: 'Culvert',
        description:
          'The log and metrics drain for Cloud Foundry. Every answer that is no success is {code, message, advice}.',
        version,
        license: { name: 'Apache-2.0', identifier: 'Apache-2.0' }
      },
      servers: [{ url: '/' }],
      components: {
        securitySchemes: {
          token: { type: 'http', scheme: 'bearer', description: 'CULVERT_TOKEN' },
          drain: { type: 'http', scheme: 'basic', description: 'CULVERT_DRAIN_USER and CULVERT_DRAIN_PASSWORD' }
        }
      }
    }
  })
}

/** Swagger UI at /docs, the document at /docs/json and /docs/yaml; a browser asks for the token as a password. */
export async function serveDocs(app: FastifyInstance, token: string | undefined): Promise<void> {
  await app.register(fastifySwaggerUi, {
    routePrefix: '/docs',
    uiHooks: { onRequest: createLogin({ token, challenge: 'Basic' }) },
    uiConfig: { layout: 'BaseLayout' },
    theme: { title: 'Culvert API' }
  })
}
