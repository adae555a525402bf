import { createRandom } from '../traffic/random.ts'

interface Action {
  /** What a person reads; the seconds follow where there are any. */
  readonly says: string
  /** How often it comes before all others of its target have come. */
  readonly share: number
  /** How long the trouble lasts, from and to, ms. */
  readonly forMs: readonly [number, number]
  /** How long its end takes, ms: a start, or nothing. */
  readonly endMs: number
}

const action = (says: string, share: number, forMs: readonly [number, number], endMs = 0): Action => ({
  says,
  share,
  forMs,
  endMs
})
const atOnce = [0, 0] as const

const firstMs = [2000, 6000] as const

const way = {
  cutAnswers: action('answers are cut off, the requests have been carried out', 2, [1500, 3500]),
  cutRequests: action('requests are cut off in the middle', 1, [1000, 2500]),
  silence: action('nothing comes through', 1, [2000, 7000]),
  delay: action('answers come late', 1, [2000, 5000]),
  refuse: action('connections are refused', 1, [1000, 3000])
}

/** Everything that can happen, to whom. */
export const repertoire = {
  culvert: {
    kill: action('killed (-9), started', 2, [0, 1500], 1500),
    stop: action('stopped (SIGTERM), started', 2, [0, 500], 3500),
    pause: action('SIGSTOP, SIGCONT', 1, [500, 4000]),
    tornTail: action('killed (-9), a torn write put behind its journal, started', 1, atOnce, 1500),
    killAndRollOver: action('killed (-9), the data stream rolled over, started', 1, atOnce, 2500),
    killWithStoresAway: action('killed (-9) twice while neither store answers', 1, [500, 2000], 3000),
    fillJournal: action('journal filled while neither store answers', 1, [500, 2000], 5000),
    killWithFullJournal: action(
      'journal filled while neither store answers, killed (-9), started',
      1,
      [200, 800],
      6000
    ),
    fillDisk: action('disk filled', 1, [1500, 4000], 500),
    killWithFullDisk: action('disk filled, killed (-9), started', 1, [500, 1500], 2000)
  },
  elasticsearch: {
    kill: action('killed (-9), started', 1, [0, 3000], 15_000),
    stop: action('stopped (SIGTERM), started', 1, atOnce, 15_000),
    pause: action('SIGSTOP, SIGCONT', 1, [1000, 4000]),
    pauseBeyondTimeout: action('SIGSTOP, SIGCONT, longer than a request may take', 1, [11_000, 15_000]),
    blockWrites: action('writes blocked (403)', 1, [2000, 5000]),
    blockAsFull: action('writes blocked as on a full disk (429)', 1, [2000, 5000]),
    rollOver: action('data stream rolled over', 3, atOnce, 500)
  },
  influxdb: {
    kill: action('killed (-9), started', 1, [0, 3000], 2500),
    stop: action('stopped (SIGTERM), started', 1, atOnce, 3000),
    pause: action('SIGSTOP, SIGCONT', 1, [1000, 4000]),
    pauseBeyondTimeout: action('SIGSTOP, SIGCONT, longer than a request may take', 1, [11_000, 15_000]),
    lockOut: action('token withdrawn (401)', 1, [2000, 5000])
  },
  'way to elasticsearch': way,
  'way to influxdb': way,
  agents: {
    cut: action('connections cut within a frame', 2, atOnce),
    reconnect: action('connections closed and opened again', 2, atOnce),
    repeat: action('POSTs that were answered sent again, byte for byte', 3, atOnce),
    storm: action('a storm of lines', 2, atOnce, 1000)
  }
} as const satisfies Record<string, Record<string, Action>>

export type Target = keyof typeof repertoire
export const targets = Object.keys(repertoire) as readonly Target[]
export type ActionOf<T extends Target> = keyof (typeof repertoire)[T]

/** How long a target is left in peace between two faults, ms. */
const peaceMs: Readonly<Record<Target, readonly [number, number]>> = {
  culvert: [1500, 11_000],
  elasticsearch: [4000, 12_000],
  influxdb: [4000, 12_000],
  'way to elasticsearch': [8000, 24_000],
  'way to influxdb': [6000, 20_000],
  agents: [3000, 9000]
}

export interface Fault {
  /** ms since the load began; later where the one before it on the same target takes longer. */
  readonly at: number
  readonly target: Target
  readonly action: string
  readonly forMs: number
  /** Seed of what the fault itself has to choose. */
  readonly seed: number
}

/**
 * Every fault of a run, in order of time: the same seed and length give the same list. Faults of one target follow one another, those of
 * different targets overlap.
 */
export function scheduleOf(seed: number, lengthMs: number): Fault[] {
  const faults = targets.flatMap((target, i) => trackOf(target, seed + i * 7919, lengthMs))
  return faults.sort((a, b) => a.at - b.at || targets.indexOf(a.target) - targets.indexOf(b.target))
}

function trackOf(target: Target, seed: number, lengthMs: number): Fault[] {
  const random = createRandom(seed)
  const actions: Readonly<Record<string, Action>> = repertoire[target]
  const faults: Fault[] = []
  let bag: string[] = []
  for (let at = random.int(...firstMs); at < lengthMs; at += random.int(...peaceMs[target])) {
    if (bag.length === 0) bag = Object.entries(actions).flatMap(([name, { share }]) => Array<string>(share).fill(name))
    const [name = ''] = bag.splice(random.int(0, bag.length - 1), 1)
    const forMs = random.int(...actions[name]!.forMs)
    faults.push({ at, target, action: name, forMs, seed: random.int(0, 2 ** 31) })
    at += forMs + actions[name]!.endMs
  }
  return faults
}

/** As a person reads it. */
export function sentenceOf({ target, action: name, forMs }: Fault): string {
  const { says } = (repertoire[target] as Readonly<Record<string, Action>>)[name]!
  return `${target.padEnd(20)} ${says}${forMs > 0 ? `, ${(forMs / 1000).toFixed(1)} s` : ''}`
}
