import { readdirSync, readFileSync } from 'node:fs'

/** USER_HZ, which Linux fixes at 100 for /proc. */
const ticksPerSecond = 100

/** What a process and its children have used so far, all threads. */
export interface Usage {
  readonly cpuSeconds: number
  /** The most memory that was resident at once (VmHWM), added up over processes. */
  readonly peakMiB: number
}

export function usageOf(pid: number): Usage {
  const all = family(pid).map(member => ({ cpuSeconds: cpuSeconds(member), peakMiB: peakMiB(member) }))
  return {
    cpuSeconds: all.reduce((sum, usage) => sum + usage.cpuSeconds, 0),
    peakMiB: all.reduce((sum, usage) => sum + usage.peakMiB, 0)
  }
}

function family(pid: number): number[] {
  const children = readdirSync(`/proc/${pid}/task`).flatMap(thread =>
    readFileSync(`/proc/${pid}/task/${thread}/children`, 'utf8').split(' ').filter(Boolean).map(Number)
  )
  return [pid, ...children.flatMap(family)]
}

/** utime and stime, and cutime and cstime of children that are gone (proc(5)). */
function cpuSeconds(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  return fields.slice(11, 15).reduce((sum, ticks) => sum + Number(ticks), 0) / ticksPerSecond
}

function peakMiB(pid: number): number {
  const kiB = /^VmHWM:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]
  return Number(kiB ?? 0) / 1024
}
