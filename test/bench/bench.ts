/** Measures the running product: `npm run bench`. The usage below says how. */
import { writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { messageOf } from '../../src/core/errors.ts'
import { machine, summarise, table } from './report.ts'
import { type Round, type RoundOptions, runRound, type Shape } from './round.ts'
import { runStalled, type StalledRound, type StalledShape } from './stalled.ts'

const usage = `Usage: npm run bench -- [options]

  --modes LIST      of saturated, connections, latency, ingest, stalled, refused (saturated,connections,latency)
  --rounds N        of each mode, in turn (3)
  --millions N      events in a round of saturated, ingest, stalled and refused, in millions (2)
  --seconds N       length of a round of connections and latency (20)
  --warm-up N       events before each round is measured (200000)
  --idle N          silent TLS connections in stalled and refused (5000)
  --data-dir DIR    where the journal lies; its file system is measured too (${tmpdir()})
  --root DIR        the checkout to measure (this one)
  --seed N          of the frames (1)
  --json FILE       writes everything there, too

Modes:
  saturated     4 connections, as fast as the product takes it
  connections   2,000 connections with 10 lines a second each: nearly every read is one line
  latency       4 connections with 10,000 lines a second in all
  ingest        as saturated, but nothing takes documents: listener and journal alone
  stalled       memory: after the warm-up the store takes requests and answers none; 10 connections storm, POSTs of 1 MB come over
                HTTPS, 5,000 TLS connections are silent, a tenth of them in the middle of a frame of 100 kB. Then the store answers
                again, the frames are finished, and every event must be there once
  refused       the same, but the store's port is closed

Method: three processes. A generator sends frames in the agent's wire form, made beforehand (60 % app JSON of nine libraries, 25 %
router lines, 15 % text, tags@47450 on all, 640 sources), over loopback TCP; the product runs as \`node src/cli.ts run\` with its
defaults, a fresh data directory and ELASTICSEARCH_URL; a stub takes every _bulk at once and counts documents and ids. A round
begins when a warm-up has been accepted to the last event, and ends with the answer to the last event. It fails unless every
event was accepted exactly once.
  events/s      events / (last answer - first frame sent); "taken" is the time until the kernel had the last frame
  CPU-s         user and system time of the product, all threads and children, from /proc/PID/stat
  peak RSS      VmHWM of the product, warm-up included
  latency       from the time at which the generator hands a frame to the kernel, written into the frame, to the stub's answer to
                its document; every frame of connections and latency, one in about 60 of saturated, where it is the time that
                the frame waits in the journal: listeners are faster than delivery. One monotonic clock for all processes.
  memory        of stalled and refused: resident at the start, with the silent connections, and the peaks (VmHWM, set back before
                each part) of the storm and of catching up; code that is mapped from files counts, too
All three share the machine: compare only what was measured side by side.
`

const pacedConnections = 2000
const linesPerConnection = 10

function shapeOf(mode: string, frames: number, seconds: number): Shape {
  if (mode === 'saturated') return { connections: 4, load: { frames }, store: 'up' }
  if (mode === 'ingest') return { connections: 4, load: { frames }, store: 'down' }
  if (mode === 'latency') return { connections: 4, load: { perSecond: 10_000, seconds }, store: 'up' }
  if (mode === 'connections') {
    const perSecond = pacedConnections * linesPerConnection
    return { connections: pacedConnections, load: { perSecond, seconds }, store: 'up' }
  }
  throw new Error(`There is no mode '${mode}'.`)
}

const stallOf = (mode: string): StalledShape['how'] | undefined =>
  mode === 'stalled' ? 'silent' : mode === 'refused' ? 'refusing' : undefined

function optionsOf(args: string[]) {
  const text = { type: 'string' } as const
  const { values } = parseArgs({
    args,
    options: {
      modes: text,
      rounds: text,
      millions: text,
      seconds: text,
      'warm-up': text,
      idle: text,
      'data-dir': text,
      root: text,
      seed: text,
      json: text,
      help: { type: 'boolean', short: 'h' }
    }
  })
  if (values.help) return undefined
  const number = (
    name: 'rounds' | 'millions' | 'seconds' | 'warm-up' | 'idle' | 'seed',
    fallback: number,
    max: number
  ): number => {
    const value = Number(values[name] ?? fallback)
    if (!(value >= 0 && value <= max)) throw new Error(`--${name} is '${values[name]}': at most ${max} is allowed.`)
    return value
  }
  const frames = Math.round(number('millions', 2, 20) * 1e6)
  const seconds = number('seconds', 20, 120)
  const idle = Math.round(number('idle', 5000, 50_000))
  const modes = (values.modes ?? 'saturated,connections,latency').split(',')
  return {
    shapes: modes.flatMap(mode => (stallOf(mode) ? [] : [{ mode, shape: shapeOf(mode, frames, seconds) }])),
    stalls: modes.flatMap(mode => stallOf(mode) ?? []).map(how => ({ how, storming: 10, frames, idle })),
    rounds: Math.max(1, Math.round(number('rounds', 3, 100))),
    json: values.json,
    run: {
      root: values.root ?? fileURLToPath(new URL('../..', import.meta.url)),
      dataDir: values['data-dir'] ?? tmpdir(),
      seed: number('seed', 1, 2 ** 32 - 1),
      warmUp: number('warm-up', 200_000, 10_000_000)
    }
  }
}

async function main(): Promise<void> {
  const options = optionsOf(process.argv.slice(2))
  if (options === undefined) return void process.stdout.write(usage)
  const { shapes, stalls, rounds, json, run } = options
  const about = machine(run.root, run.dataDir)
  print(`Culvert ${about.culvert} (${about.commit}), Node ${about.node}, Linux ${about.kernel}`)
  print(`${about.cores} × ${about.cpu}, ${about.memoryGiB} GiB, journal on ${about.dataDir} (${about.fileSystem})\n`)

  const done = new Map<string, Round[]>(shapes.map(({ mode }) => [mode, []]))
  for (let i = 1; i <= rounds; i++) {
    for (const { mode, shape } of shapes) {
      const round = await runRound(shape, run)
      done.get(mode)?.push(round)
      print(`${mode} ${i}/${rounds}: ${describe(round)}`)
    }
  }
  const stalled = await stalledRounds(stalls, rounds, run)
  for (const [mode, measured] of done) print(`\n${mode}\n${table(measured)}`)
  if (json !== undefined) {
    const modes = [...done].map(([mode, measured]) => ({ mode, summary: summarise(measured), rounds: measured }))
    writeFileSync(json, `${JSON.stringify({ machine: about, options: run, modes, stalled }, undefined, 2)}\n`)
    print(`\nWritten to ${json}`)
  }
}

async function stalledRounds(shapes: readonly StalledShape[], rounds: number, run: RoundOptions) {
  const done: StalledRound[] = []
  for (let i = 1; i <= rounds; i++) {
    for (const shape of shapes) {
      const round = await runStalled(shape, run)
      done.push(round)
      print(`stalled (${shape.how}) ${i}/${rounds}: ${describeStalled(round)}`)
    }
  }
  return done
}

const grouped = (value: number): string => Math.round(value).toLocaleString('en-US')

const describe = (round: Round): string =>
  [
    `${grouped(round.events)} events of ${grouped(round.meanBytes)} bytes in ${round.seconds.toFixed(1)} s (taken in ${round.sendSeconds.toFixed(1)} s)`,
    `${grouped(round.eventsPerSecond)} events/s`,
    `${round.cpuSecondsPerMillion.toFixed(2)} CPU-s/M`,
    `${grouped(round.peakMiB)} MiB`,
    ...(round.latency === undefined ? [] : [`p99 ${round.latency.p99.toFixed(1)} ms`])
  ].join(', ')

const describeStalled = (round: StalledRound): string =>
  [
    `${grouped(round.atStartMiB)} MiB at the start`,
    `${grouped(round.withIdleMiB)} with silent connections (${round.perIdleKiB.toFixed(1)} KiB each)`,
    `peak ${grouped(round.stormMiB)} in the storm (${grouped(round.takenPerSecond)} frames/s, journal ${grouped(round.journalMiB)} MiB)`,
    `${grouped(round.restMiB)} after it`,
    `peak ${grouped(round.catchUpMiB)} catching up (${grouped(round.deliveredPerSecond)} events/s)`,
    `${round.posted.posts} POSTs, ${round.posted.refused} refused`,
    `${grouped(round.events)} events once\n  ${round.told.join('\n  ')}`
  ].join(', ')

const print = (text: string): void => void process.stdout.write(`${text}\n`)

await main().catch((error: unknown) => {
  process.stderr.write(`${messageOf(error)}\n`)
  process.exitCode = 1
})
