import { once } from 'node:events'
import { connect } from 'node:net'
import { fileURLToPath } from 'node:url'
import { freePort } from '../services/port.ts'
import { type Server, startServer } from '../services/server.ts'
import { type Envelope, messagesOf, octetCounted } from '../traffic/agent.ts'

const cli = fileURLToPath(new URL('../../src/cli.ts', import.meta.url))

/** The product as its own process, with nothing configured but ports and a data directory of its own. */
export interface Product extends Server {
  /** Sends envelopes over syslog TCP as the platform's agent does, on one connection. */
  send(...envelopes: readonly Envelope[]): Promise<void>
}

export async function startProduct(settings: Readonly<Record<string, string>> = {}): Promise<Product> {
  const syslogPort = await freePort()
  const { PATH = '', HOME = '' } = process.env
  const server = await startServer({
    name: 'product',
    command: (port, folder) => ({
      command: process.execPath,
      args: [cli, 'run'],
      env: {
        ...{ PATH, HOME, PORT: String(port), CULVERT_SYSLOG_PORT: String(syslogPort), CULVERT_DATA_DIR: folder },
        ...settings
      }
    }),
    health: '/health/ready'
  })
  const send = async (...envelopes: readonly Envelope[]): Promise<void> => {
    const socket = connect(syslogPort, '127.0.0.1')
    for (const message of envelopes.flatMap(envelope => messagesOf(envelope))) socket.write(octetCounted(message))
    socket.end()
    await once(socket, 'close')
  }
  // Not a copy: `pid` is a getter.
  return Object.assign(server, { send })
}
