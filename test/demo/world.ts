import type { Envelope } from '../traffic/agent.ts'
import { log } from '../traffic/envelopes.ts'
import { type App, createPlatform, type Instance, type Vm } from '../traffic/platform.ts'
import type { PlatformLine } from '../traffic/platform-line.ts'
import type { Random } from '../traffic/random.ts'
import { createAgenda } from './agenda.ts'
import { cast, type Part } from './cast.ts'

/** An envelope on its way: the agent keeps a connection per virtual machine and app (`app` undefined: the operator's drain). */
export interface Message {
  readonly vm: Vm
  readonly app: App | undefined
  readonly envelope: Envelope
}

/** An app of the demo and how it is doing. */
export interface Actor {
  readonly app: App
  readonly part: Part
  errorRate: number
  /** Median seconds of a request. */
  latency: number
  requests: bigint
  /** Bytes that its requests have brought and taken. */
  received: bigint
  sent: bigint
  /** When each instance started, µs; undefined while it is down. */
  readonly startedAt: (number | undefined)[]
}

/** Everything that the demo's traffic comes from. `say` tells a person what happens. */
export function createWorld(random: Random, startMicros: number, say: (text: string) => void) {
  const platform = createPlatform(random, cast)
  const agenda = createAgenda(startMicros)
  const actors = cast.map((part, i): Actor => {
    const app = platform.apps[i]!
    const startedAt = app.instances.map(() => startMicros - random.int(600, 400_000) * 1e6)
    return {
      app,
      part,
      errorRate: 0.004,
      latency: 0.02 + random.next() * 0.06,
      requests: 0n,
      received: 0n,
      sent: 0n,
      startedAt
    }
  })
  let messages: Message[] = []

  const emit = (vm: Vm, app: App | undefined, envelope: Envelope): void => {
    messages.push({ vm, app, envelope })
  }

  return {
    random,
    platform,
    agenda,
    actors,
    say,
    emit,
    /** Lines of the platform about an instance, one after the other from `at` on. Returns the time of the last. */
    play(app: App, instance: Instance, lines: readonly PlatformLine[], at: number): number {
      let time = at
      for (const { sourceType, text, stream = 'out', after } of lines) {
        time += Math.round(after * 1e6)
        agenda.at(time, timeMicros => {
          const vm = sourceType === 'API' ? platform.api : instance.cell
          emit(vm, app, log({ app, instance, vm, timeMicros }, text, { stream, sourceType }))
        })
      }
      return time
    },
    /** What was emitted since the last call: by time, since all of it comes off the agenda. */
    take(): Message[] {
      const taken = messages
      messages = []
      return taken
    }
  }
}

export type World = ReturnType<typeof createWorld>
