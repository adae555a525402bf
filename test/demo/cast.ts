import type { Library } from '../traffic/app-json.ts'
import type { AppPlan } from '../traffic/platform.ts'
import type { Language } from '../traffic/stack-trace.ts'
import type { TextForm } from '../traffic/text-line.ts'

/** An app of the demo: how it writes its lines and its failures, and its share of the load. */
export interface Part extends AppPlan {
  readonly writes: { readonly json: Library } | { readonly text: TextForm }
  readonly language: Language
  readonly buildpack: string
  readonly share: number
}

const javaBuildpack = 'Java Buildpack 4.82.0 (offline)'
const nodeBuildpack = 'Nodejs Buildpack version 1.9.3'
const goBuildpack = 'Go Buildpack version 1.11.2'
const pythonBuildpack = 'Python Buildpack version 1.9.1'

/** Two organisations, three spaces, every logging library once. */
export const cast: readonly Part[] = [
  app('storefront', 'acme/prod', 3, { json: 'pino' }, 'node', nodeBuildpack, 30),
  app('shop-api', 'acme/prod', 3, { json: 'logback' }, 'java', javaBuildpack, 22),
  app('payments', 'acme/prod', 2, { json: 'log4j2' }, 'java', javaBuildpack, 10),
  app('catalog', 'acme/prod', 2, { json: 'zap' }, 'go', goBuildpack, 14),
  app('recommender', 'acme/prod', 2, { json: 'structlog' }, 'python', pythonBuildpack, 8),
  { ...app('mailer', 'acme/prod', 1, { json: 'bunyan' }, 'node', nodeBuildpack, 4), process: 'worker' },
  app('shop-api-next', 'acme/staging', 1, { json: 'ecs' }, 'java', javaBuildpack, 2),
  app('booking', 'globex/prod', 2, { json: 'winston' }, 'node', nodeBuildpack, 8),
  app('tracking', 'globex/prod', 2, { json: 'logrus' }, 'go', goBuildpack, 6),
  app('intranet', 'globex/prod', 1, { text: 'spring' }, 'java', javaBuildpack, 4),
  app('reports', 'globex/prod', 1, { text: 'python' }, 'python', pythonBuildpack, 3)
]

function app(
  name: string,
  space: string,
  instances: number,
  writes: Part['writes'],
  language: Language,
  buildpack: string,
  share: number
): Part {
  return { name, space, instances, writes, language, buildpack, share }
}
