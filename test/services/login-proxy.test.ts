import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'
import { expect, onTestFinished, test } from 'vitest'
import { startLoginProxy } from './login-proxy.ts'

test('requests go on with the login, and answers come back', async () => {
  const server = createServer(async (request, response) => {
    const { method, url, headers } = request
    const said = [method, url, headers.authorization, headers.host, await text(request)]
    response.writeHead(201, { 'x-answer': 'yes' }).end(JSON.stringify(said))
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => void server.close())
  const host = `127.0.0.1:${(server.address() as AddressInfo).port}`
  const { url, stop } = await startLoginProxy(`http://user:p%40ss@${host}`)
  onTestFinished(stop)
  const answer = await fetch(`${url}/a?b=c`, { method: 'POST', body: 'd' })
  expect([answer.status, answer.headers.get('x-answer')]).toEqual([201, 'yes'])
  const login = `Basic ${Buffer.from('user:p@ss').toString('base64')}`
  expect(await answer.json()).toEqual(['POST', '/a?b=c', login, host, 'd'])
})
