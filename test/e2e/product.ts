import { once } from 'node:events'
import { connect } from 'node:net'
import { type Product as Running, startProduct as start } from '../product/product.ts'
import { type Envelope, messagesOf, octetCounted } from '../traffic/agent.ts'

/** The product with nothing configured but what a test says, and an agent that sends to it. Its data go with `stop`. */
export interface Product extends Running {
  /** Sends envelopes over syslog TCP as the platform's agent does, on one connection. */
  send(...envelopes: readonly Envelope[]): Promise<void>
}

export async function startProduct(settings: Readonly<Record<string, string>> = {}): Promise<Product> {
  const product = await start(undefined, settings)
  const send = async (...envelopes: readonly Envelope[]): Promise<void> => {
    const socket = connect(product.syslog, '127.0.0.1')
    for (const message of envelopes.flatMap(envelope => messagesOf(envelope))) socket.write(octetCounted(message))
    socket.end()
    await once(socket, 'close')
  }
  return Object.assign(product, { send })
}
