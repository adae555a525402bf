import { expect, test } from 'vitest'
import { z } from 'zod'
import { openHttp } from './open-http.ts'

const operation = z.looseObject({
  summary: z.string(),
  security: z.array(z.record(z.string(), z.array(z.string()))),
  parameters: z
    .array(z.looseObject({ name: z.string(), in: z.enum(['query', 'path']), required: z.boolean().optional() }))
    .default([]),
  responses: z.record(
    z.string(),
    z.looseObject({ description: z.string(), content: z.record(z.string(), z.unknown()).default({}) })
  )
})
const document = z.looseObject({
  openapi: z.string(),
  paths: z.record(z.string(), z.record(z.string(), operation))
})

const read = async () => document.parse(await (await (await openHttp()).get('/docs/json')).json())

test('OpenAPI lists every route', async () => {
  const { openapi, paths } = await read()
  expect(openapi).toBe('3.1.0')
  const routes = Object.entries(paths).flatMap(([path, methods]) =>
    Object.keys(methods).map(method => `${method} ${path}`)
  )
  expect(routes.sort()).toEqual([
    'get /api/v1/containers',
    'get /api/v1/dead-letters',
    'get /api/v1/dead-letters/reasons',
    'get /api/v1/dead-letters/{id}',
    'get /api/v1/ledger',
    'get /api/v1/logs',
    'get /api/v1/metrics',
    'get /api/v1/metrics/names',
    'get /api/v1/rates',
    'get /api/v1/replay',
    'get /api/v1/status',
    'get /api/v1/tail',
    'get /health/live',
    'get /health/ready',
    'get /metrics',
    'post /',
    'post /api/v1/dead-letters/replay',
    'post /api/v1/lanes/{name}/restart',
    'post /api/v1/replay',
    'post /drain'
  ])
})

test('it knows the parameters, the answers and who may ask', async () => {
  const { paths } = await read()
  const logs = paths['/api/v1/logs']!['get']!
  expect(logs.parameters.map(parameter => parameter.name)).toEqual([
    'q',
    'app',
    'level',
    'source',
    'from',
    'to',
    'cursor',
    'limit'
  ])
  expect(logs.parameters.at(-1)).toMatchObject({
    description: expect.stringContaining('at most 500'),
    schema: { minimum: 1, maximum: 500, default: 100 }
  })
  expect(Object.keys(logs.responses)).toEqual(['200', '400', '401', '404', '504'])
  expect(logs.security).toEqual([{ token: [] }])
  const typesOf = (path: string) => Object.keys(paths[path]!['get']!.responses['200']!.content)
  expect(typesOf('/api/v1/logs')).toEqual(['application/json'])
  expect(typesOf('/api/v1/tail')).toEqual(['text/event-stream'])
  expect(typesOf('/metrics')).toEqual(['text/plain'])
  expect(paths['/drain']!['post']!.security).toEqual([{ drain: [] }])
  expect(paths['/health/live']!['get']!.security).toEqual([])
  const name = paths['/api/v1/metrics']!['get']!.parameters.find(parameter => parameter.name === 'name')
  expect(name?.required).toBe(true)
})

test('Swagger UI loads its files from us', async () => {
  const { get } = await openHttp()
  const page = await (await get('/docs/')).text()
  const files = [...page.matchAll(/(?:src|href)="(\.\/static\/[^"]+)"/g)].map(match => match[1]!)
  expect(files.length).toBeGreaterThan(3)
  for (const file of files) {
    const response = await get(`/docs/${file.slice(2)}`)
    expect(response.status, file).toBe(200)
    await response.body?.cancel()
  }
  expect(page).not.toMatch(/<script>|<style|style="/)
})

test('the document as YAML too', async () => {
  expect(await (await (await openHttp()).get('/docs/yaml')).text()).toMatch(/^openapi: 3\.1\.0\n/)
})
