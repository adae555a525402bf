import type { ListenerStatus } from '../../core/status.ts'

/** Where the platform can send to: TLS where there is a listener for it. */
export function drainUrl(listeners: readonly Pick<ListenerStatus, 'name' | 'port'>[], host: string): string {
  const tls = listeners.find(listener => listener.name === 'syslog-tls')
  const port = tls?.port ?? listeners.find(listener => listener.name === 'syslog')?.port ?? 5514
  return `${tls === undefined ? 'syslog' : 'syslog-tls'}://${host}:${port}?drain-data=all`
}
