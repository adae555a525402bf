import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { expect, onTestFinished, test } from 'vitest'
import { createStamp, createStampReader } from './clock.ts'
import { apps, createFrames, stampAt } from './frames.ts'
import { createIdSet } from './id-set.ts'
import { latencyOf } from './latency.ts'
import { summarise } from './report.ts'
import type { Round } from './round.ts'
import { usageOf } from './usage.ts'

test('a stamp is read as it was written, over seconds and days', () => {
  const stamp = createStamp()
  const read = createStampReader()
  const bytes = Buffer.alloc(40)
  const start = Date.parse('2026-11-24T23:59:58.999990Z') * 1000
  for (let micros = start; micros < start + 3e6; micros += 9973) {
    stamp.write(bytes, 3, micros)
    expect(read(bytes, 3)).toBe(micros % 10 === 0 ? micros + 1 : micros)
  }
})

test('ids that come twice are counted once', () => {
  const set = createIdSet()
  const id = Buffer.alloc(32, 'A')
  for (let i = 0; i < 100_000; i++) {
    id.writeUInt32LE(i % 99_999, 24)
    set.add(id, 0)
  }
  expect(set.distinct()).toBe(99_999)
})

test('latencies are told by nearest rank', () => {
  const sorted = Array.from({ length: 150 }, (_, i) => i + 1)
  expect(latencyOf(sorted)).toEqual({ samples: 150, p50: 75, p75: 113, p95: 143, p99: 149, max: 150 })
  expect(latencyOf([])).toBeUndefined()
})

test('rounds are summed up by their least, middle and most', () => {
  const round: Round = {
    events: 1,
    meanBytes: 1,
    seconds: 1,
    eventsPerSecond: 1,
    sendSeconds: 1,
    cpuSecondsPerMillion: 5,
    peakMiB: 100,
    latency: undefined,
    generatorCpuSeconds: 0,
    stubCpuSeconds: 0,
    accepted: 1,
    distinct: 1
  }
  const rounds = [7, 3, 4].map(cpuSecondsPerMillion => ({ ...round, cpuSecondsPerMillion }))
  expect(summarise(rounds)[1]).toEqual({ name: 'CPU-s per million events', min: 3, median: 4, max: 7 })
  expect(summarise(rounds.slice(1))[1]).toMatchObject({ min: 3, median: 3.5, max: 4 })
})

test('a process that works is seen to use time and memory', async () => {
  const work = `for (const until = process.cpuUsage().user + 60_000; process.cpuUsage().user < until; );
    process.stdout.write('done'); setInterval(() => {}, 1000)`
  // Of its own: this one has children of other tests, which come and go.
  const child = spawn(process.execPath, ['-e', work], { stdio: ['ignore', 'pipe', 'ignore'] })
  onTestFinished(() => void child.kill('SIGKILL'))
  await once(child.stdout, 'data')
  const { cpuSeconds, peakMiB } = usageOf(child.pid ?? 0)
  expect(cpuSeconds).toBeGreaterThanOrEqual(0.05)
  expect(peakMiB).toBeGreaterThan(10)
})

test('frames are the mix that the bench tells of', () => {
  const until = Date.parse('2026-11-24T04:29:03Z') * 1000
  const count = 6000
  const frames = createFrames(3, count, until)
  const read = createStampReader()
  const kinds = { json: 0, router: 0, text: 0 }
  const sources = new Set<string>()
  for (let i = 0; i < count; i++) {
    const text = frames.bytes.toString('utf8', frames.starts[i], frames.starts[i + 1])
    const [, octets, source = '', message = ''] =
      /^(\d+) <\d+>1 \S{32} (\S+ \S+ \S+ - \[.*?\]) (.*)\n$/s.exec(text) ?? []
    expect(Number(octets)).toBe(Buffer.byteLength(text) - String(octets).length - 1)
    const time = read(frames.bytes, stampAt(frames, i))
    expect(time).toBeGreaterThanOrEqual(until - 60e6)
    expect(time).toBeLessThanOrEqual(until)
    kinds[source.includes('[RTR/') ? 'router' : message.startsWith('{') ? 'json' : 'text']++
    sources.add(source)
  }
  expect(kinds.json / count).toBeCloseTo(0.6, 1)
  expect(kinds.router / count).toBeCloseTo(0.25, 1)
  expect(kinds.text / count).toBeCloseTo(0.15, 1)
  expect(sources.size).toBe(apps * 4)
  expect(frames.bytes.length / count).toBeGreaterThan(900)
  expect(frames.bytes.length / count).toBeLessThan(1150)
})
