import { containerMetrics, counter } from '../traffic/envelopes.ts'
import type { Actor, World } from './world.ts'

/** Seconds between the metrics of an instance: the platform takes 15, but a person who watches the demo wants charts now. */
const periodSeconds = 5

/** Puts the metrics of all instances and of the routers on the agenda, staggered, the first within a second. */
export function measure(world: World): void {
  world.actors.forEach((actor, i) => {
    world.agenda.every(periodSeconds, 0.2 + 0.07 * i, at => measureApp(world, actor, at))
  })
  const totals = world.platform.routers.map(() => 0n)
  world.platform.routers.forEach((router, i) => {
    world.agenda.every(periodSeconds, 0.5 + i / 2, timeMicros => {
      const total = world.actors.reduce((sum, { requests }) => sum + requests, 0n) / BigInt(totals.length)
      const common = {
        timeMicros,
        sourceId: 'gorouter',
        instanceId: router.index,
        tags: { deployment: 'cf', index: router.index, ip: router.ip, job: router.job, origin: 'gorouter' }
      }
      world.emit(router, undefined, {
        kind: 'counter',
        name: 'total_requests',
        total,
        delta: total - totals[i]!,
        ...common
      })
      const latency = world.random.logNormal(45, 0.3)
      world.emit(router, undefined, {
        kind: 'gauge',
        metrics: [{ name: 'latency', value: latency, unit: 'ms' }],
        ...common
      })
      totals[i] = total
    })
  })
}

function measureApp(world: World, actor: Actor, timeMicros: number): void {
  const { random } = world
  const { app, startedAt } = actor
  for (const instance of app.instances) {
    const started = startedAt[instance.index]
    if (started === undefined) continue
    const origin = { app, instance, timeMicros }
    const ageSeconds = (timeMicros - started) / 1e6
    const busy = actor.part.share / app.instances.length
    const usage = {
      cpu: busy * 3 + random.next() * 8 + (ageSeconds < 10 ? 60 : 0) + actor.errorRate * 60,
      memory: 0.35 + 0.02 * instance.index + Math.min(ageSeconds / 900_000, 0.4) + random.next() * 0.02,
      disk: 0.14 + Math.min(ageSeconds / 4_000_000, 0.2),
      ageSeconds,
      logRate: Math.round(busy * 400 + random.next() * 300)
    }
    for (const gauge of containerMetrics(origin, usage)) world.emit(instance.cell, app, gauge)
  }
  const [instance] = app.instances
  if (instance === undefined || startedAt[0] === undefined) return
  const origin = { app, instance, timeMicros }
  const delta = (name: string, total: bigint, last: bigint) =>
    world.emit(instance.cell, app, counter(origin, name, total, total - last))
  const last = lastTotals.get(actor) ?? { requests: 0n, received: 0n, sent: 0n }
  delta('requests.total', actor.requests, last.requests)
  delta('rx_bytes', actor.received, last.received)
  delta('tx_bytes', actor.sent, last.sent)
  lastTotals.set(actor, { requests: actor.requests, received: actor.received, sent: actor.sent })
}

const lastTotals = new WeakMap<Actor, Pick<Actor, 'requests' | 'received' | 'sent'>>()
