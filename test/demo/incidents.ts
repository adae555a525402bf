import { appEvent, log } from '../traffic/envelopes.ts'
import type { Instance } from '../traffic/platform.ts'
import { crashed, rateLimited, ssh, staging, starting, stopping, task } from '../traffic/platform-line.ts'
import { stackTraces } from '../traffic/stack-trace.ts'
import type { Actor, World } from './world.ts'

const seconds = (value: number): number => value * 1e6

/** Puts on the agenda what makes a day: deploys, crashes, spikes of errors, tasks, a look inside. */
export function happen(world: World): void {
  const { agenda, random } = world
  const web = world.actors.filter(({ app }) => app.process === 'web')
  const shares = web.map(actor => [actor, actor.part.share] as const)
  agenda.every(70, 4, at => deploy(world, random.pick(web), at))
  agenda.every(35, 8, at => crash(world, random.weighted(shares), at))
  agenda.every(60, 18, at => failFor(world, random.weighted(shares), at, random.int(8, 14)))
  agenda.every(80, 12, at => runTask(world, random.pick(web), at))
  agenda.every(110, 24, at => lookInside(world, random.pick(web), at))
}

/** An instance dies with a stack trace, requests to it fail, and the platform brings it back. */
function crash(world: World, actor: Actor, at: number): void {
  const { app, part } = actor
  const instance = world.random.pick(app.instances)
  if (actor.startedAt[instance.index] === undefined) return
  world.say(`${app.name}/${instance.index} crashes with a ${part.language} stack trace`)
  const trace = stackTraces[part.language](world.random)
  trace.lines.forEach((text, i) => {
    world.agenda.at(at + 180 * i, timeMicros =>
      world.emit(instance.cell, app, log({ app, instance, timeMicros }, text, { stream: 'err' }))
    )
  })
  actor.startedAt[instance.index] = undefined
  const ended = world.play(app, instance, crashed(app, instance, 1), at + 180 * trace.lines.length)
  world.agenda.at(ended, timeMicros =>
    world.emit(
      instance.cell,
      app,
      appEvent({ app, instance, timeMicros }, 'app.crash', {
        reason: 'CRASHED',
        exit_description: `APP/PROC/${app.process.toUpperCase()}: Exited with status 1`,
        index: instance.index
      })
    )
  )
  comeUp(world, actor, instance, ended + seconds(1))
}

function comeUp(world: World, actor: Actor, instance: Instance, at: number): void {
  const healthy = world.play(actor.app, instance, starting(instance), at)
  world.agenda.at(healthy, time => {
    actor.startedAt[instance.index] = time
  })
}

/** `cf push`: staging, then the instances go and come one after the other. */
function deploy(world: World, actor: Actor, at: number): void {
  const { app, part } = actor
  const [first] = app.instances
  if (first === undefined) return
  world.say(`${app.name} is deployed`)
  const staged = world.play(app, first, staging(world.random, app, part.buildpack), at)
  world.agenda.at(staged, timeMicros =>
    world.emit(world.platform.api, app, {
      ...appEvent({ app, instance: first, vm: world.platform.api, timeMicros }, 'audit.app.droplet.mapped', {
        actor: 'deployer@example.com',
        buildpack: part.buildpack
      })
    })
  )
  app.instances.forEach((instance, i) => {
    world.agenda.at(staged + seconds(1 + 4 * i), time => {
      actor.startedAt[instance.index] = undefined
      comeUp(world, actor, instance, world.play(app, instance, stopping(instance), time))
    })
  })
}

/** A dependency of an app is slow and failing for a while. */
function failFor(world: World, actor: Actor, at: number, duration: number): void {
  const { app, errorRate, latency } = actor
  const [instance] = app.instances
  world.say(`${app.name} fails for ${duration} s: its upstream times out`)
  actor.errorRate = 0.35
  actor.latency = latency * 6
  world.agenda.at(at + seconds(duration), () => {
    actor.errorRate = errorRate
    actor.latency = latency
  })
  if (instance !== undefined) world.play(app, instance, [rateLimited(app)], at + seconds(2))
}

function runTask(world: World, actor: Actor, at: number): void {
  const [instance] = actor.app.instances
  if (instance === undefined) return
  world.say(`${actor.app.name} runs the task db-migrate`)
  world.play(actor.app, instance, task(world.random, actor.app, 'db-migrate'), at)
}

function lookInside(world: World, actor: Actor, at: number): void {
  const [instance] = actor.app.instances
  if (instance === undefined) return
  world.say(`somebody opens a shell in ${actor.app.name}/0`)
  world.play(actor.app, instance, ssh(world.random, actor.app), at)
}
