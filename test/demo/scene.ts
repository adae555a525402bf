import { createRandom } from '../traffic/random.ts'
import { happen } from './incidents.ts'
import { measure } from './metrics.ts'
import { request, work } from './requests.ts'
import { createWorld, type Message } from './world.ts'

export interface SceneOptions {
  readonly seed: number
  /** Log lines per second, on average. */
  readonly rate: number
  /** µs since 1970. */
  readonly startMicros: number
  /** Told of what happens: crashes, deploys, spikes. */
  readonly say: (text: string) => void
}

/** A step makes up for this much at most (µs): after the machine slept, the demo does not send the whole night. */
const maxSpan = 1_000_000

const burst = { first: 30, period: 50, seconds: 5, times: 3 } as const

/** How much busier than usual it is after `t` seconds: two waves, and a burst now and then. */
export function tide(t: number): number {
  const waves = 1 + 0.45 * Math.sin((2 * Math.PI * t) / 45) + 0.12 * Math.sin((2 * Math.PI * t) / 11)
  const sinceBurst = t < burst.first ? Infinity : (t - burst.first) % burst.period
  return waves * (sinceBurst < burst.seconds ? burst.times : 1)
}

/** The traffic of a small platform, as a function of time alone: the same seed and steps give the same messages. */
export function createScene({ seed, rate, startMicros, say }: SceneOptions) {
  const world = createWorld(createRandom(seed), startMicros, say)
  const { random, agenda } = world
  const shares = world.actors.map(actor => [actor, actor.part.share] as const)
  let now = startMicros
  let owed = 0
  measure(world)
  happen(world)

  return {
    platform: world.platform,
    /** What the platform sends from the last call's time up to `until` (µs), by time. */
    advance(until: number): Message[] {
      const span = until - now
      owed += (rate * tide((now - startMicros) / 1e6) * Math.min(span, maxSpan)) / 1e6
      while (owed > 0) {
        const actor = random.weighted(shares)
        const at = now + random.int(0, span)
        const lines = actor.app.process === 'web' ? request(world, actor, at) : work(world, actor, at)
        owed -= Math.max(lines, 1)
      }
      agenda.runUntil(until)
      now = until
      return world.take()
    }
  }
}
