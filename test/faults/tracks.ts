import { setTimeout as delay } from 'node:timers/promises'
import type { Agents } from './agents.ts'
import type { Console } from './console.ts'
import type { Progress } from './progress.ts'
import { type ActionOf, type Fault, sentenceOf, type Target, targets } from './schedule.ts'
import type { Trouble, Way } from './way.ts'

/** Who carries out what. Each resolves when the fault is over and what it broke works again. */
export type Performers = { readonly [T in Target]: Readonly<Record<ActionOf<T>, (fault: Fault) => unknown>> }

const stormLines = 3000
const stormPaddingBytes = 300
/** Faults that are late by so much, on a slow machine, are left out. */
const maxLateMs = 30_000
const maxPatienceMs = 15_000

/** The lanes that a target's faults disturb. */
const lanesBehind: Readonly<Record<Target, readonly string[]>> = {
  culvert: ['elasticsearch', 'influxdb'],
  elasticsearch: ['elasticsearch'],
  influxdb: ['influxdb'],
  'way to elasticsearch': ['elasticsearch'],
  'way to influxdb': ['influxdb'],
  agents: []
}

/**
 * Carries out a schedule: the faults of one target one after the other, the targets beside each other. Two of three wait until something has been
 * delivered since the one before: on a slow machine, nothing but beginnings would be disturbed. Answers how many happened.
 */
export async function carryOut(
  schedule: readonly Fault[],
  performers: Performers,
  { progress, screen: { tell, elapsedMs } }: { readonly progress: Progress; readonly screen: Console }
): Promise<number> {
  async function track(target: Target, actions: Readonly<Record<string, (fault: Fault) => unknown>>): Promise<number> {
    const seen = progress.of(lanesBehind[target])
    let happened = 0
    for (const fault of schedule.filter(one => one.target === target)) {
      await delay(Math.max(0, fault.at - elapsedMs()))
      if (elapsedMs() > schedule.at(-1)!.at + maxLateMs) {
        tell(`left out, since it is late: ${sentenceOf(fault)}`)
        continue
      }
      if (fault.seed % 3 > 0) await seen.delivering(maxPatienceMs)
      tell(sentenceOf(fault))
      await actions[fault.action]!(fault)
      happened++
    }
    return happened
  }
  const counts = await Promise.all(targets.map(target => track(target, performers[target])))
  return counts.reduce((sum, count) => sum + count, 0)
}

export function wayFaults(way: Way): Performers['way to influxdb'] {
  const trouble =
    (name: Trouble) =>
    async ({ forMs }: Fault): Promise<void> => {
      way.begin(name)
      await delay(forMs)
      way.end(name)
    }
  return {
    cutAnswers: trouble('cutAnswers'),
    cutRequests: trouble('cutRequests'),
    silence: trouble('silence'),
    delay: trouble('delay'),
    refuse: trouble('refuse')
  }
}

export const agentFaults = (agents: Agents): Performers['agents'] => ({
  cut: () => agents.obey('cut'),
  reconnect: () => agents.obey('reconnect'),
  repeat: () => agents.repeat(),
  storm: () => agents.storm(stormLines, stormPaddingBytes)
})
