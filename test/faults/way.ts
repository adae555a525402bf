import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'

/** What a way may do to those who use it; several at once. */
export type Trouble = 'cutAnswers' | 'cutRequests' | 'silence' | 'delay' | 'refuse'

const delayMs = 400

/** A way to a server on loopback, through which nothing passes unharmed while it is in trouble. */
export async function openWay(target: string) {
  const { hostname, port } = new URL(target)
  const troubles: Trouble[] = []
  const connections = new Set<{ near: Socket; far: Socket }>()

  function use(near: Socket): void {
    const far = connect(Number(port), hostname)
    const connection = { near, far }
    connections.add(connection)
    const cut = (): void => {
      connections.delete(connection)
      near.destroy()
      far.destroy()
    }
    for (const socket of [near, far]) socket.setNoDelay().on('error', cut).on('close', cut)
    if (troubles.includes('refuse')) {
      near.resetAndDestroy()
      return
    }
    near.on('data', (bytes: Buffer) => {
      if (troubles.includes('cutRequests')) {
        far.write(bytes.subarray(0, bytes.length >> 1))
        far.destroySoon()
        near.resetAndDestroy()
      } else pass(near, far, bytes)
    })
    far.on('data', (bytes: Buffer) => {
      if (troubles.includes('cutAnswers')) cut()
      else if (troubles.includes('delay')) {
        far.pause()
        setTimeout(() => {
          far.resume()
          pass(far, near, bytes)
        }, delayMs)
      } else pass(far, near, bytes)
    })
    if (troubles.includes('silence')) stop(connection)
  }

  function pass(from: Socket, to: Socket, bytes: Buffer): void {
    if (to.write(bytes)) return
    from.pause()
    to.once('drain', () => from.resume())
  }

  function stop({ near, far }: { near: Socket; far: Socket }): void {
    near.pause()
    far.pause()
  }

  function begin(trouble: Trouble): void {
    troubles.push(trouble)
    if (trouble === 'silence') for (const connection of connections) stop(connection)
    if (trouble === 'refuse') for (const { near } of connections) near.resetAndDestroy()
  }

  /** What was held back is never delivered late: whoever sent it may have given it up. */
  function end(trouble: Trouble): void {
    troubles.splice(troubles.indexOf(trouble), 1)
    if (trouble === 'silence') for (const { near } of connections) near.destroy()
  }

  const server = createServer(use)
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    begin,
    end,
    async close(): Promise<void> {
      for (const { near } of connections) near.destroy()
      server.close()
      await once(server, 'close')
    }
  }
}
export type Way = Awaited<ReturnType<typeof openWay>>
