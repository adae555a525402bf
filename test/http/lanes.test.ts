import { expect, test } from 'vitest'
import { CulvertError } from '../../src/core/errors.ts'
import { openHttp } from './open-http.ts'

const json = { 'content-type': 'application/json' }

test('a lane is restarted by its name', async () => {
  const names: string[] = []
  const { url } = await openHttp({}, { restartLane: async name => void names.push(name) })
  const answer = await fetch(`${url}/api/v1/lanes/a%20lane/restart`, { method: 'POST', headers: json, body: '{}' })
  expect([answer.status, await answer.json(), names]).toEqual([200, { lane: 'a lane' }, ['a lane']])
})

test('what is not JSON, as a page of another site can send it, restarts nothing', async () => {
  const names: string[] = []
  const { url } = await openHttp({}, { restartLane: async name => void names.push(name) })
  for (const init of [{}, { body: '{}' }, { headers: json, body: '7' }]) {
    const answer = await fetch(`${url}/api/v1/lanes/lane/restart`, { method: 'POST', ...init })
    expect(answer.status).toBe(400)
  }
  expect(names).toEqual([])
})

test.each([
  ['NOT_FOUND', 404],
  ['SINK_UNAVAILABLE', 503]
] as const)('%s is answered with %i', async (code, status) => {
  const { url } = await openHttp({}, { restartLane: () => Promise.reject(new CulvertError(code, 'no')) })
  const answer = await fetch(`${url}/api/v1/lanes/lane/restart`, { method: 'POST', headers: json, body: '{}' })
  expect([answer.status, await answer.json()]).toMatchObject([status, { code }])
})
