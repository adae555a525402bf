import { once } from 'node:events'
import { createServer, request as httpRequest } from 'node:http'
import { request as httpsRequest } from 'node:https'
import type { AddressInfo } from 'node:net'

/**
 * A server on loopback that logs in at `target` with the user and password of its URL: tests ask by fetch, which refuses such URLs.
 * https is spoken to the target where its URL says so.
 */
export async function startLoginProxy(target: string): Promise<{ url: string; stop(): Promise<void> }> {
  const { protocol, host, hostname, port, username, password } = new URL(target)
  const ask = protocol === 'https:' ? httpsRequest : httpRequest
  const auth = `${decodeURIComponent(username)}:${decodeURIComponent(password)}`
  const server = createServer((incoming, outgoing) => {
    const { method, url: path } = incoming
    const headers = { ...incoming.headers, host }
    const forwarded = ask({ hostname, port, method, path, auth, headers }, answer => {
      outgoing.writeHead(answer.statusCode ?? 502, answer.headers)
      answer.pipe(outgoing)
    })
    forwarded.on('error', () => outgoing.destroy())
    outgoing.on('close', () => forwarded.destroy())
    incoming.pipe(forwarded)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    async stop() {
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    }
  }
}
