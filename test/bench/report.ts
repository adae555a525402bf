import { execFileSync } from 'node:child_process'
import { readFileSync, statfsSync } from 'node:fs'
import { cpus, release, totalmem } from 'node:os'
import { join } from 'node:path'
import type { Round } from './round.ts'

/** A file system's magic number (statfs(2)): a sync costs nothing in memory. */
const fileSystems: Readonly<Record<number, string>> = {
  61267: 'ext4',
  16914836: 'tmpfs',
  1481003842: 'xfs',
  2435016766: 'btrfs',
  2035054128: 'overlayfs'
}

export interface Machine {
  readonly cpu: string
  readonly cores: number
  readonly memoryGiB: number
  readonly kernel: string
  readonly dataDir: string
  readonly fileSystem: string
  readonly node: string
  readonly culvert: string
  readonly commit: string
}

export function machine(root: string, dataDir: string): Machine {
  const all = cpus()
  const { type } = statfsSync(dataDir)
  const { version }: { version: string } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))
  return {
    cpu: all[0]?.model ?? 'unknown',
    cores: all.length,
    memoryGiB: Math.round(totalmem() / 2 ** 30),
    kernel: release(),
    dataDir,
    fileSystem: fileSystems[type] ?? `0x${type.toString(16)}`,
    node: process.version,
    culvert: version,
    commit: commitOf(root)
  }
}

function commitOf(root: string): string {
  try {
    return execFileSync('git', ['describe', '--always', '--dirty'], {
      cwd: root,
      encoding: 'utf8',
      stdio: 'pipe'
    }).trim()
  } catch {
    return 'no git checkout'
  }
}

const figures: readonly (readonly [name: string, digits: number, of: (round: Round) => number | undefined])[] = [
  ['events/s', 0, round => round.eventsPerSecond],
  ['CPU-s per million events', 2, round => round.cpuSecondsPerMillion],
  ['peak RSS, MiB', 0, round => round.peakMiB],
  ['latency 50 %, ms', 1, round => round.latency?.p50],
  ['latency 75 %, ms', 1, round => round.latency?.p75],
  ['latency 95 %, ms', 1, round => round.latency?.p95],
  ['latency 99 %, ms', 1, round => round.latency?.p99],
  ['latency max, ms', 1, round => round.latency?.max]
]

/** The least, the middle and the most of each figure. */
export function summarise(rounds: readonly Round[]): { name: string; min: number; median: number; max: number }[] {
  return figures.flatMap(([name, , of]) => {
    const values = rounds.flatMap(round => of(round) ?? []).sort((a, b) => a - b)
    const middle = values.length >> 1
    const median = values.length % 2 === 1 ? values[middle]! : (values[middle - 1]! + values[middle]!) / 2
    return values.length === 0 ? [] : [{ name, min: values[0]!, median, max: values.at(-1)! }]
  })
}

/** The same as lines of text. */
export function table(rounds: readonly Round[]): string {
  const digits = new Map(figures.map(([name, count]) => [name, count]))
  const cell = (name: string, value: number): string => {
    const count = digits.get(name) ?? 0
    return value.toLocaleString('en-US', { minimumFractionDigits: count, maximumFractionDigits: count }).padStart(12)
  }
  return [
    `  ${''.padEnd(26)}${['min', 'median', 'max'].map(name => name.padStart(12)).join('')}`,
    ...summarise(rounds).map(
      ({ name, min, median, max }) =>
        `  ${name.padEnd(26)}${[min, median, max].map(value => cell(name, value)).join('')}`
    )
  ].join('\n')
}
