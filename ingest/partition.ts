import { space } from './frame-start.ts'

/** How far into a frame its APP-NAME may begin. */
const maxHeaderBytes = 512

/**
 * The partition of a frame: a hash (FNV-1a) of its fourth token, APP-NAME, so that one app's lines stay together and in order.
 * Frames without one share partition 0. With a single partition the frame is not even looked at.
 */
export function partitionOf(bytes: Uint8Array, start: number, end: number, partitions: number): number {
  if (partitions === 1) return 0
  const limit = Math.min(end, start + maxHeaderBytes)
  let at = start
  for (let spaces = 0; spaces < 3; at++) {
    if (at >= limit) return 0
    if (bytes[at] === space) spaces++
  }
  let hash = 0x811c9dc5
  for (; at < limit && bytes[at] !== space; at++) hash = Math.imul(hash ^ bytes[at]!, 0x01000193)
  return (hash >>> 0) % partitions
}
