import { once } from 'node:events'
import { createServer } from 'node:net'

/**
 * Below the range that the system takes for outgoing connections. A port of that range can be lost to any client while its server is down,
 * and a client that keeps trying to reach it may even connect to itself.
 */
const FIRST = 20_000
const LAST = 31_999

/** What was handed out may not be listened on yet. */
const given = new Set<number>()

/** A TCP port of 127.0.0.1 that nobody listens on, and that stays free across the restarts of a server. Never the same one twice. */
export async function freePort(): Promise<number> {
  for (let attempt = 0; attempt < 100; attempt++) {
    const port = FIRST + Math.floor(Math.random() * (LAST - FIRST + 1))
    if (given.has(port) || !(await isFree(port))) continue
    given.add(port)
    return port
  }
  throw new Error(`No free port was found between ${FIRST} and ${LAST}.`)
}

async function isFree(port: number): Promise<boolean> {
  const probe = createServer()
  try {
    await once(probe.listen(port, '127.0.0.1'), 'listening')
    return true
  } catch {
    return false
  } finally {
    probe.close()
  }
}
