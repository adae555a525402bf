import type { Server } from 'node:net'
import { CulvertError, messageOf } from '../src/core/errors.ts'

/** Connections that the kernel holds until we accept them: after our restart all agents come at once. */
const backlog = 4096

/** Rejects with PORT_TAKEN, or CONFIG_INVALID where the address cannot be had. */
export function listen(server: Server, host: string, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    const failed = (error: NodeJS.ErrnoException) => reject(explain(error, host, port))
    server.once('error', failed)
    server.listen({ host, port, backlog }, () => {
      server.off('error', failed)
      resolve()
    })
  })
}

function explain(error: NodeJS.ErrnoException, host: string, port: number): CulvertError {
  const cause = { cause: error }
  if (error.code === 'EADDRINUSE') return new CulvertError('PORT_TAKEN', `Port ${port} of ${host} is taken.`, cause)
  if (error.code === 'EACCES')
    return new CulvertError(
      'CONFIG_INVALID',
      `syslog port ${port}: this user may not listen there; take one above 1023.`,
      cause
    )
  return new CulvertError('CONFIG_INVALID', `syslog host ${host}, port ${port}: ${messageOf(error)}`, cause)
}
