import { once } from 'node:events'
import { createServer, type IncomingMessage, request, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

/** What becomes of an answer that the server has given: it is passed on, the connection is cut, or the client waits for ever. */
export type Fate = 'pass' | 'cut' | 'hold'

/** Stands in front of a server and lets every request in, but not every answer out. `fateOf` is asked when the server has answered. */
export async function startSilentProxy(target: string, fateOf: (path: string) => Fate | Promise<Fate>) {
  const { hostname, port } = new URL(target)
  async function answer(incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
    const { method, url: path = '/', headers } = incoming
    const forward = request({ hostname, port, method, path, headers })
    incoming.pipe(forward)
    const [answered] = (await once(forward, 'response')) as [IncomingMessage]
    const chunks: Buffer[] = []
    for await (const chunk of answered) chunks.push(chunk)
    const fate = await fateOf(path)
    if (fate === 'cut') outgoing.destroy()
    if (fate === 'pass') outgoing.writeHead(answered.statusCode ?? 502, answered.headers).end(Buffer.concat(chunks))
  }
  const server = createServer((incoming, outgoing) => {
    answer(incoming, outgoing).catch(() => outgoing.destroy())
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port: own } = server.address() as AddressInfo
  return {
    url: `http://127.0.0.1:${own}`,
    async stop() {
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    }
  }
}
