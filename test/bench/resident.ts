import { readFileSync, writeFileSync } from 'node:fs'

const fieldOf = (pid: number, name: string): number =>
  Number(new RegExp(`^${name}:\\s+(\\d+) kB$`, 'm').exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 0) / 1024

/** Memory of one process that is resident now, MiB: all of it, and what of it is no file (code is one). */
export const residentOf = (pid: number): { readonly allMiB: number; readonly ownMiB: number } => ({
  allMiB: fieldOf(pid, 'VmRSS'),
  ownMiB: fieldOf(pid, 'RssAnon')
})

/** The most that was resident at once since `forgetPeak`, MiB. The kernel keeps it, so nothing is missed between two looks. */
export const peakOf = (pid: number): number => fieldOf(pid, 'VmHWM')

/** proc(5): 5 in clear_refs sets VmHWM back to what is resident now. */
export const forgetPeak = (pid: number): void => writeFileSync(`/proc/${pid}/clear_refs`, '5')
