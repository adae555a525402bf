import { type FileHandle, open } from 'node:fs/promises'
import { join } from 'node:path'
import { createBackwards, type Line } from './backwards.ts'
import { folderOf, isNewer, isOfLane, type LetterFile, listFiles, readName } from './files.ts'
import { putBackPrefix, timeLength, waitingPrefix } from './letter.ts'
import type { Position } from './position.ts'

/** A line that begins like a letter which is not put back, and where it lies. */
export interface Placed {
  readonly file: LetterFile
  readonly start: number
  readonly at: string
  /** Good until the next peek. */
  readonly bytes: Buffer
}

export interface WalkOptions {
  /** The data directory. */
  readonly dir: string
  readonly lane?: string | undefined
  /** Days before the one of this time are left out, ms since 1970. */
  readonly from?: number | undefined
  readonly position?: Position | undefined
}

/** Goes through the letters of all lanes that wait, newest first, in windows; must be closed. */
export async function createWalk({ dir, lane, from, position = {} }: WalkOptions) {
  const firstDay = from === undefined ? '' : new Date(from).toISOString().slice(0, 10)
  const files = (await listFiles(dir)).filter(
    file => (lane === undefined || isOfLane(file.lane, lane)) && file.day >= firstDay
  )
  const lanes = new Map(Map.groupBy(files, file => file.lane))
  const walks = Array.from(lanes, ([name, itsFiles]) => createLaneWalk(dir, itsFiles, position[name]))

  let newest: LaneWalk | undefined

  return {
    /** The newest letter that was not taken; undefined at the end. */
    async peek(): Promise<Placed | undefined> {
      newest = undefined
      for (const walk of walks) {
        const letter = walk.ready ? walk.first : await walk.fill()
        if (letter !== undefined && letter.at > (newest?.first?.at ?? '')) newest = walk
      }
      return newest?.first
    },
    /** Goes on behind the letter that was peeked at. */
    take(): void {
      newest?.shift()
    },
    /** Where the letters begin that were not taken. */
    position: (): Position => ({ ...position, ...Object.fromEntries(walks.map(walk => [walk.lane, walk.place()])) }),
    get bytesRead() {
      return walks.reduce((sum, walk) => sum + walk.bytesRead, 0)
    },
    /** Lines that are no letters. */
    get skipped() {
      return walks.reduce((sum, walk) => sum + walk.skipped, 0)
    },
    async close(): Promise<void> {
      for (const walk of walks) await walk.close()
    }
  }
}

/** One lane's letters; its files come newest first. */
function createLaneWalk(dir: string, files: readonly LetterFile[], from: Position[string] | undefined) {
  const [fromName = undefined, fromOffset = 0] = from ?? []
  const begin = fromName === undefined ? undefined : readName(fromName)
  const left = files.filter(file => fromName === undefined || (begin !== undefined && !isNewer(file, begin)))
  let current: { file: LetterFile; handle: FileHandle; reader: ReturnType<typeof createBackwards> } | undefined
  let lines: Line[] = []
  let first: Placed | undefined
  let ready = false
  let place: readonly [string, number] = from ?? ['', 0]
  let skipped = 0
  let bytesRead = 0

  async function openNext(): Promise<boolean> {
    const file = left.shift()
    if (file === undefined) return false
    const handle = await open(join(folderOf(dir), file.name), 'r').catch((error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') return undefined // moved away
      throw error
    })
    if (handle === undefined) return openNext()
    const end = file.name === fromName ? Math.min(fromOffset, file.bytes) : file.bytes
    current = { file, handle, reader: createBackwards(handle, end) }
    place = [file.name, end]
    return true
  }

  async function closeCurrent(): Promise<void> {
    if (current === undefined) return
    skipped += current.reader.skipped
    bytesRead += current.reader.bytesRead
    await current.handle.close()
    current = undefined
  }

  /** Looks at the lines at hand only. */
  function take(file: LetterFile): Placed | undefined {
    for (let line = lines.shift(); line !== undefined; line = lines.shift()) {
      const { start, bytes } = line
      if (beginsWith(bytes, waitingPrefix)) {
        const at = bytes.toString('latin1', waitingPrefix.length, waitingPrefix.length + timeLength)
        return { file, start, at, bytes }
      }
      if (!beginsWith(bytes, putBackPrefix)) skipped++
      place = [file.name, start]
    }
    return undefined
  }

  return {
    lane: files[0]?.lane ?? '',
    get ready() {
      return ready
    },
    get first() {
      return first
    },
    get skipped() {
      return skipped + (current?.reader.skipped ?? 0)
    },
    get bytesRead() {
      return bytesRead + (current?.reader.bytesRead ?? 0)
    },
    place: () => place,
    /** Finds the next letter and keeps it as `first`. */
    async fill(): Promise<Placed | undefined> {
      while (first === undefined) {
        if (current === undefined && !(await openNext())) {
          place = ['', 0]
          break
        }
        first = current && take(current.file)
        if (first !== undefined) break
        const more = await current?.reader.next()
        if (more === undefined) await closeCurrent()
        else lines = more
      }
      ready = true
      return first
    },
    shift(): void {
      if (first !== undefined) place = [first.file.name, first.start]
      first = current && take(current.file)
      ready = first !== undefined
    },
    close: closeCurrent
  }
}
type LaneWalk = ReturnType<typeof createLaneWalk>

const beginsWith = (line: Buffer, prefix: Buffer): boolean =>
  line.length > prefix.length + timeLength && line.compare(prefix, 0, prefix.length, 0, prefix.length) === 0
