import { accessLine } from '../traffic/access-line.ts'
import type { GaugeEnvelope, LogEnvelope } from '../traffic/agent.ts'

const guid = '4b2e8a5e-2f0c-4a55-9d3c-6a7b8c9d0e1f'

const common = (sourceType: string) => ({
  timeMicros: Date.now() * 1000,
  sourceId: guid,
  instanceId: '0',
  tags: {
    app_id: guid,
    app_name: 'checkout',
    organization_name: 'acme',
    process_type: 'web',
    space_name: 'production',
    ...(sourceType !== '' && { source_type: sourceType })
  }
})

/** A line of the app `checkout`, now. */
export const line = (payload: string, stream: 'out' | 'err' = 'out'): LogEnvelope => ({
  ...common('APP/PROC/WEB'),
  ...{ kind: 'log', stream, payload }
})

/** A JSON line of the app as pino writes it, with an error. */
export const jsonLine = (msg: string): LogEnvelope =>
  line(
    JSON.stringify({
      ...{ level: 50, time: Date.now(), pid: 7, msg, orderId: 83121 },
      err: { type: 'PoolError', message: 'exhausted', stack: 'PoolError: exhausted\n    at acquire (pool.js:42:7)' }
    })
  )

/** A request that gorouter logged. */
export function request(method: string, target: string, status: number): LogEnvelope {
  const rest = { referer: '', userAgent: 'curl/8.5.0', remote: '192.0.2.7:4711', backend: '10.0.0.9:61001' }
  const ids = { requestId: '1f0c4a9e-7a55-4dc2-6a0c-6ad7b5f9f7b1', appId: guid, appIndex: '0', instanceId: 'a1b2' }
  const access = accessLine({
    ...{ ...rest, ...ids, timeMicros: Date.now() * 1000, host: 'checkout.example.org', method, target, status },
    ...{ bytesReceived: 0, bytesSent: 512, forwardedFor: '192.0.2.7', routerError: '', traceId: '', spanId: '' },
    ...{ responseTime: 0.0123, gorouterTime: 0.0003, backendTime: 0.012, failedAttempts: 0 }
  })
  return { ...common('RTR'), ...{ kind: 'log', stream: 'out', payload: access } }
}

/** What Diego says of an app instance every 15 seconds. */
export const containerMetrics = (cpu: number, memory: number): GaugeEnvelope => ({
  ...common(''),
  kind: 'gauge',
  metrics: [
    { name: 'cpu', value: cpu, unit: 'percentage' },
    { name: 'memory', value: memory, unit: 'bytes' },
    { name: 'memory_quota', value: 2 ** 30, unit: 'bytes' },
    { name: 'disk', value: 2 ** 27, unit: 'bytes' },
    { name: 'disk_quota', value: 2 ** 30, unit: 'bytes' }
  ]
})
