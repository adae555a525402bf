import { isIP } from 'node:net'
import type { RouterLine } from '../../src/core/router-line.ts'
import { type JsonObject, withoutEmpty } from './json-object.ts'

/** What a router line adds to its document, by the Elastic Common Schema, and `cloudfoundry.router` for what ECS has no name for. */
export function routerFields(line: RouterLine) {
  return {
    /** ns */
    duration: nanosOf(line.responseTime),
    router: withoutEmpty({
      gorouter_time: line.gorouterTime,
      backend_address: line.backendAddress,
      error: line.routerError,
      forwarded_for: line.forwardedFor,
      forwarded_proto: line.forwardedProto,
      app_index: line.appIndex,
      instance_id: line.instanceId,
      extra: { ...line.extra }
    }),
    http: withoutEmpty({
      version: line.protocol?.startsWith('HTTP/') ? line.protocol.slice(5) : line.protocol,
      request: withoutEmpty({
        method: line.method,
        bytes: line.bytesReceived,
        referrer: line.referer,
        id: line.requestId
      }),
      response: withoutEmpty({ status_code: line.status, bytes: line.bytesSent })
    }),
    url: withoutEmpty({
      original: line.target,
      path: line.path,
      query: line.query,
      domain: withoutPort(line.host)
    }),
    client: clientOf(line.remoteAddress),
    userAgent: withoutEmpty({ original: line.userAgent })
  }
}

/** Undefined too where they are more than a number holds exactly: 104 days. */
export function nanosOf(seconds: number | undefined): number | undefined {
  const nanos = seconds === undefined ? Number.NaN : Math.round(seconds * 1e9)
  return nanos <= Number.MAX_SAFE_INTEGER ? nanos : undefined
}

/** The other end of the router's connection: a load balancer, mostly. `ip` is there if it is one. */
function clientOf(address: string | undefined): JsonObject {
  if (address === undefined) return {}
  const ip = withoutPort(address).replace(/^\[(.*)\]$/, '$1')
  return withoutEmpty({ address, ip: isIP(ip) === 0 ? undefined : ip })
}

/** `shop.example.com:8443` → `shop.example.com`, `[::1]:80` → `[::1]`, `::1` as it is. */
function withoutPort(host: string): string {
  const colon = host.lastIndexOf(':')
  if (colon < 0 || !/^\d+$/.test(host.slice(colon + 1))) return host
  return host.indexOf(':') === colon || host[colon - 1] === ']' ? host.slice(0, colon) : host
}
