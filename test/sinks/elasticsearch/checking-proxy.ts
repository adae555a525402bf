import { once } from 'node:events'
import { createServer, type IncomingMessage, request, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

/** What a proxy in front of Elasticsearch answers by itself; undefined lets the request pass. */
export type Check = (incoming: IncomingMessage) => Answer | Promise<Answer>
type Answer = { status: number; headers?: Record<string, string> } | undefined

/** Stands in front of a server, as the security layer or a load balancer would, on a port of its own. */
export async function startProxy(target: string, check: Check) {
  const { hostname, port } = new URL(target)
  const server = createServer(async (incoming: IncomingMessage, outgoing: ServerResponse) => {
    const answer = await check(incoming)
    if (answer !== undefined) {
      incoming.resume()
      const headers = { 'content-type': 'application/json', ...answer.headers }
      outgoing.writeHead(answer.status, headers).end('{"error":{"type":"security_exception","reason":"no"},"status":0}')
      return
    }
    const { method, url: path, headers } = incoming
    const forward = request({ hostname, port, method, path, headers }, answered => {
      outgoing.writeHead(answered.statusCode ?? 502, answered.headers)
      answered.pipe(outgoing)
    })
    forward.on('error', () => outgoing.destroy())
    incoming.pipe(forward)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port: own } = server.address() as AddressInfo
  return {
    host: `127.0.0.1:${own}`,
    url: `http://127.0.0.1:${own}`,
    async stop() {
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    }
  }
}
