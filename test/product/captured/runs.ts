import { type Capture, captures } from '../../cases/captures.ts'
import { certificates } from '../../cases/certificates.ts'

/** How the bytes travel: in the clear, or by a version of TLS. */
export type Transport = 'TCP' | 'TLSv1.2' | 'TLSv1.3'

/** One capture, sent over one transport. */
export interface Run {
  readonly capture: Capture
  readonly transport: Transport
}

/** Every capture as it was recorded. */
export const recorded: readonly Run[] = (Object.keys(captures) as Capture[]).map(capture => ({
  capture,
  transport: /tls|https/.test(capture) ? 'TLSv1.3' : 'TCP'
}))

/** What the agent's older profile speaks, and an https drain behind the platform's router, which ends TLS. */
export const elsewise: readonly Run[] = [
  { capture: 'syslog-tls-all', transport: 'TLSv1.2' },
  { capture: 'syslog-tls-mtls-all', transport: 'TLSv1.2' },
  { capture: 'https-batch-all', transport: 'TLSv1.2' },
  { capture: 'https-basicauth-all', transport: 'TCP' }
]

export const isPosted = ({ capture }: Run): boolean => capture.includes('https')

/** Whether ids say the order in which messages came: those of POSTs do when their first messages' times differ by a millisecond. */
export const isInOrder = (run: Run): boolean => !isPosted(run) || run.capture.includes('batch')

/** The name of the listener that a run goes to. */
export const listenerOf = (run: Run): string =>
  (isPosted(run) ? 'http' : 'syslog') + (run.transport === 'TCP' ? '' : isPosted(run) ? 's' : '-tls')

/** What the product is configured with for this capture's drain URL and credentials. */
export const settingsOf = ({ capture, transport }: Run): Record<string, string> => ({
  ...(transport !== 'TCP' && { CULVERT_TLS_CERT: certificates.server.cert, CULVERT_TLS_KEY: certificates.server.key }),
  ...(capture.includes('mtls') && { CULVERT_TLS_CLIENT_CA: certificates.ca }),
  ...(capture.includes('basicauth') && { CULVERT_DRAIN_USER: 'user', CULVERT_DRAIN_PASSWORD: 'p@ss' })
})
