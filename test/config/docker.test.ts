import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { parse } from 'yaml'
import { z } from 'zod'
import { parseConfig } from '../../src/config.ts'

const read = (name: string) => readFileSync(new URL(`../../${name}`, import.meta.url), 'utf8')

const service = z.strictObject({
  image: z.string().optional(),
  build: z.literal('.').optional(),
  entrypoint: z.array(z.string()).optional(),
  command: z.array(z.string()).optional(),
  environment: z.record(z.string(), z.string()),
  ports: z.array(z.string()).default([]),
  volumes: z.array(z.string()).default([]),
  depends_on: z
    .record(z.string(), z.strictObject({ condition: z.enum(['service_healthy', 'service_completed_successfully']) }))
    .default({}),
  healthcheck: z
    .strictObject({
      test: z.string(),
      interval: z.string(),
      timeout: z.string(),
      start_period: z.string(),
      retries: z.number()
    })
    .optional(),
  ulimits: z.strictObject({ nofile: z.number() }).optional(),
  stop_grace_period: z.string().optional(),
  restart: z.enum(['unless-stopped', 'on-failure'])
})

const compose = z
  .strictObject({
    name: z.string(),
    services: z.record(z.string(), service),
    volumes: z.record(z.string(), z.null())
  })
  .parse(parse(read('docker-compose.yml')))
const services = Object.entries(compose.services)

/** `${NAME:-default}` as compose replaces it where NAME is not set. */
const replaced = (value: string) => value.replace(/\$\{\w+:-([^}]*)\}/g, '$1')

const dockerfile = read('Dockerfile')
const imageEnv = Object.fromEntries(
  [...dockerfile.matchAll(/\b([A-Z_]+)=(\S+)/g)].map(([, key, value]) => [key!, value!])
)

test('Culvert starts with the image’s and the composition’s environment', () => {
  const environment = compose.services['culvert']!.environment
  const env = {
    ...imageEnv,
    ...Object.fromEntries(Object.entries(environment).map(([key, value]) => [key, replaced(value)]))
  }
  const config = parseConfig(env)
  expect(config).toMatchObject({ host: '0.0.0.0', dataDir: '/var/lib/culvert', drain: { user: 'cf' } })
  expect(config.sinks.map(sink => sink.kind)).toEqual(['elasticsearch', 'influxdb'])
  expect(compose.services['culvert']!.volumes).toEqual(['culvert:/var/lib/culvert'])
})

test('the stores are set up with what Culvert is told', () => {
  const { culvert, elasticsearch, influxdb } = compose.services
  expect(culvert!.environment['ELASTICSEARCH_URL']).toContain(elasticsearch!.environment['ELASTIC_PASSWORD'])
  for (const [ours, theirs] of [
    ['INFLUXDB_TOKEN', 'DOCKER_INFLUXDB_INIT_ADMIN_TOKEN'],
    ['INFLUXDB_ORG', 'DOCKER_INFLUXDB_INIT_ORG'],
    ['INFLUXDB_BUCKET', 'DOCKER_INFLUXDB_INIT_BUCKET']
  ]) {
    expect(culvert!.environment[ours!]).toBe(influxdb!.environment[theirs!])
  }
})

test.each(services)('%s has a pinned image, a health check and ports on loopback', (name, {
  image,
  build,
  healthcheck,
  ports
}) => {
  if (build === undefined) expect(image).toMatch(/:\d+\.\d+\.\d+$/)
  else expect(dockerfile).toContain('HEALTHCHECK')
  if (name !== 'kibana-user') expect(healthcheck).toBeDefined()
  for (const port of ports) expect(port).toMatch(/^127\.0\.0\.1:(\d+):\1$/)
})

test('what services need is there', () => {
  for (const [, { depends_on, volumes, environment }] of services) {
    for (const other of Object.keys(depends_on)) expect(compose.services).toHaveProperty(other)
    for (const volume of volumes) expect(compose.volumes).toHaveProperty([volume.split(':')[0]!])
    for (const value of Object.values(environment)) expect(replaced(value)).not.toContain('$')
  }
})

test('the image holds all folders that the server runs from, and its process has no root', () => {
  for (const folder of ['ingest', 'processors', 'sinks', 'src'])
    expect(dockerfile).toContain(`COPY ${folder} ./${folder}\n`)
  expect(dockerfile).toMatch(/\nUSER node\n/)
  expect(read('.dockerignore').split('\n')).toEqual(expect.arrayContaining(['node_modules', 'data', '.git', 'dist']))
})
