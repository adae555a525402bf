import { bytesOf, listFiles, removeFile } from './files.ts'

export interface Retention {
  readonly maxTotalBytes: number
}

/** Deletes the oldest files until the rest is small enough, and those of days before `oldestDay`. Returns the names. */
export function expire(
  dir: string,
  { maxTotalBytes }: Retention,
  oldestDay: string,
  current: string | undefined
): string[] {
  const files = listFiles(dir)
  const sizes = new Map(files.map(file => [file.name, bytesOf(dir, file.name)]))
  let total = [...sizes.values()].reduce((sum, bytes) => sum + bytes, 0)
  const removed: string[] = []
  for (const { name, day } of files) {
    if (name === current) continue
    if (day >= oldestDay && total <= maxTotalBytes) continue
    removeFile(dir, name)
    total -= sizes.get(name) ?? 0
    removed.push(name)
  }
  return removed
}
