import type { MemoryShare } from '../src/core/status.ts'

/** What a connection has sent of one frame may take so much before it counts: nearly every line is shorter. */
export const freeBytes = 4 * 1024
/** The room is given out in pieces of this size. */
export const chunkBytes = 4 * 1024
/** Chunks are cut from these, and never given back to the system: they are at most what may be held. */
const slabBytes = 1024 * 1024
/** How long the oldest waiting connection may read on although there is no room; what a sender has on its way comes in milliseconds. */
const defaultTurnMs = 100
/** From this share of the limit on connections wait; the rest is for what was read already. */
const waitShare = 2 / 3
/** They go on when so little is held again. */
const goOnShare = 1 / 2

/** Who holds a part of a frame. */
export interface Holder {
  /** Reading may go on. */
  goOn(): void
  /** Close the connection: what it holds is needed. */
  refuse(): void
}

/**
 * The memory that all connections share for frames that have not come whole. When it runs low those that hold some of it stop reading,
 * and go on in the order in which they stopped. Where nobody gives any back, each in turn may finish its frame, beyond the limit, one at
 * a time: so it never stands still. Where all is used up nevertheless, those are closed that have sent nothing for the longest time
 * although they might. Who holds little (`freeBytes`) is never stopped.
 */
export function createRoom(maxBytes: number, turnMs = defaultTurnMs) {
  const free: Buffer[] = []
  /** Who sent something last is last. */
  const held = new Map<Holder, number>()
  const queue = new Set<Holder>()
  let turn: Holder | undefined
  let timer: NodeJS.Timeout | undefined
  let usedBytes = 0
  let waits = 0

  function addSlab(): void {
    const slab = Buffer.allocUnsafeSlow(slabBytes)
    for (let at = 0; at < slabBytes; at += chunkBytes) free.push(slab.subarray(at, at + chunkBytes))
  }

  function endTurn(): void {
    clearTimeout(timer)
    turn = undefined
    nextTurn()
  }

  function nextTurn(): void {
    if (turn !== undefined) return
    for (const holder of queue) {
      queue.delete(holder)
      turn = holder
      timer = setTimeout(endTurn, turnMs).unref()
      holder.goOn()
      return
    }
  }

  function goOn(): void {
    for (const holder of queue) {
      if (usedBytes > maxBytes * goOnShare) return
      queue.delete(holder)
      holder.goOn()
    }
  }

  /** Makes room by closing those that stand still; waiting ones do so for us. */
  function closeStale(except: Holder): void {
    for (const [holder, bytes] of held) {
      if (usedBytes <= maxBytes) return
      if (holder === except || holder === turn || queue.has(holder)) continue
      held.delete(holder)
      usedBytes -= bytes
      holder.refuse()
    }
  }

  return {
    takeChunk(): Buffer {
      if (free.length === 0) addSlab()
      return free.pop()!
    },

    giveChunk: (chunk: Buffer): void => void free.push(chunk),

    /** What `holder` holds now, in bytes of chunks. False: stop reading until `goOn`, or `refuse` was called. */
    hold(holder: Holder, bytes: number): boolean {
      usedBytes += bytes - (held.get(holder) ?? 0)
      held.delete(holder)
      if (bytes === 0) {
        queue.delete(holder)
        if (turn === holder) endTurn()
        goOn()
        return true
      }
      held.set(holder, bytes)
      if (holder === turn || usedBytes <= maxBytes * waitShare) return true
      if (usedBytes > maxBytes) closeStale(holder)
      if (usedBytes > maxBytes) {
        held.delete(holder)
        queue.delete(holder)
        usedBytes -= bytes
        holder.refuse()
        return false
      }
      if (!queue.has(holder)) {
        waits++
        queue.add(holder)
      }
      // Not now: the caller stops reading first.
      if (turn === undefined) setImmediate(nextTurn)
      return false
    },

    status: (): MemoryShare => ({ usedBytes, maxBytes, waiting: queue.size, waits })
  }
}
export type Room = ReturnType<typeof createRoom>
