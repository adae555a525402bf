import { type Access, randomAccess } from '../traffic/access-line.ts'
import { type AppLine, appJson } from '../traffic/app-json.ts'
import { accessLog, httpTimer, log, nanosOf } from '../traffic/envelopes.ts'
import type { Instance } from '../traffic/platform.ts'
import { stackTraces } from '../traffic/stack-trace.ts'
import { statement } from '../traffic/statement.ts'
import { textLines } from '../traffic/text-line.ts'
import type { Actor, World } from './world.ts'

/** A request: what the app says of it, then the router's line and, now and then, its timer. Returns the number of lines. */
export function request(world: World, actor: Actor, timeMicros: number): number {
  const { random, platform } = world
  const { app } = actor
  const instance = random.pick(app.instances)
  const router = random.pick(platform.routers)
  const down = actor.startedAt[instance.index] === undefined
  const mood = { errorRate: actor.errorRate, latency: actor.latency, down }
  const access = randomAccess(random, { app, instance, router, mood, timeMicros })
  const done = timeMicros + Math.round(access.responseTime * 1e6)
  const statements = down ? 0 : random.int(1, 2)
  for (let i = 0; i < statements; i++) {
    say(world, actor, instance, timeMicros + Math.round((access.backendTime * 1e6 * (i + 1)) / 3), access)
  }
  actor.requests++
  actor.received += BigInt(access.bytesReceived)
  actor.sent += BigInt(access.bytesSent)
  world.agenda.at(done, at => {
    const origin = { app, instance, vm: router, timeMicros: at }
    world.emit(router, app, accessLog(origin, access, nanosOf(random)))
    if (random.chance(0.2)) world.emit(router, app, httpTimer(origin, access))
  })
  return statements + 1
}

/** A worker has no requests: it just says something. */
export function work(world: World, actor: Actor, timeMicros: number): number {
  const instance = world.random.pick(actor.app.instances)
  if (actor.startedAt[instance.index] === undefined) return 0
  say(world, actor, instance, timeMicros)
  return 1
}

function say(world: World, { app, part, errorRate }: Actor, instance: Instance, at: number, access?: Access): void {
  const { random } = world
  const failing = access === undefined ? random.chance(errorRate) : access.status >= 500
  const { level, logger, message, fields } = statement(random, failing)
  const trace = level === 'error' && random.chance(0.5) ? stackTraces[part.language](random) : undefined
  world.agenda.at(at, timeMicros => {
    const line: AppLine = {
      timeMs: timeMicros / 1000,
      level,
      app: app.name,
      logger,
      thread: `http-nio-8080-exec-${1 + (timeMicros % 20)}`,
      message,
      fields,
      traceId: access?.traceId ?? random.hex(32),
      spanId: random.hex(16),
      error: trace && { type: trace.type, message: trace.message, stack: trace.lines.join('\n') }
    }
    const text = 'json' in part.writes ? appJson[part.writes.json](line) : textLines[part.writes.text](line)
    const stream = 'text' in part.writes && level === 'error' ? 'err' : 'out'
    world.emit(instance.cell, app, log({ app, instance, timeMicros }, text, { stream }))
  })
}
