import type { Server } from 'node:net'
import { CulvertError, messageOf } from '../src/core/errors.ts'

/** Connections that the kernel holds until we accept them: after our restart all agents come at once. */
const backlog = 4096

/** Where to listen, and the setting that says the port: people must know which one to change. */
export interface Place {
  readonly host: string
  readonly port: number
  readonly setting: string
}

/** Rejects with PORT_TAKEN, or CONFIG_INVALID where the address cannot be had. */
export function listen(server: Server, place: Place): Promise<void> {
  return new Promise((resolve, reject) => {
    const failed = (error: NodeJS.ErrnoException) => reject(explain(error, place))
    server.once('error', failed)
    const { host, port } = place
    server.listen({ host, port, backlog }, () => {
      server.off('error', failed)
      resolve()
    })
  })
}

function explain(error: NodeJS.ErrnoException, { host, port, setting }: Place): CulvertError {
  const cause = { cause: error }
  if (error.code === 'EADDRINUSE')
    return new CulvertError('PORT_TAKEN', `${setting}: port ${port} of ${host} is taken by another process.`, cause)
  if (error.code === 'EACCES') {
    const sentence = `${setting}: this user may not listen on port ${port}; take one above 1023.`
    return new CulvertError('CONFIG_INVALID', sentence, cause)
  }
  return new CulvertError('CONFIG_INVALID', `CULVERT_HOST: cannot listen on ${host}: ${messageOf(error)}`, cause)
}
