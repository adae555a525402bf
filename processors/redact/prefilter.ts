import type { Event } from '../../src/core/event.ts'
import { hasCard, leastCardDigits } from './card-number.ts'
import type { Detector } from './detector.ts'

/** Texts are searched side by side in so many bytes: one search by the machine's own instructions for hundreds of lines. */
const chunkBytes = 64 * 1024
/** JSON may write any character so: what has it is looked at by all. */
const anyEscape = Buffer.from('\\u00')
const all = -1
/** Closer looks at a text for one needle; then its detector has to look. */
const maxLooks = 16

/**
 * Says which lines a detector has to look at, without making strings: a bit for each detector, in an array by the event's place. What is not
 * set has no secret of that kind. Valid until the next call.
 */
export function createPrefilter(detectors: readonly Detector[]) {
  const needles = detectors.flatMap(({ needles }, index) =>
    needles.map(({ text, mayBe }) => ({ bytes: Buffer.from(text), mayBe, bit: 1 << index }))
  )
  const cards = detectors.reduce((bits, { name }, index) => bits | (name === 'card' ? 1 << index : 0), 0)
  const always = detectors.reduce(
    (bits, { name, needles }, index) => bits | (needles.length === 0 && name !== 'card' ? 1 << index : 0),
    0
  )
  const chunk = createChunk(chunkBytes)
  /** Where each text begins in the chunk, and where the last one ends; whose it is. */
  const starts = new Int32Array(chunkBytes + 1)
  const owners = new Int32Array(chunkBytes)
  let count = 0
  let flags = new Int32Array(1024)

  function search({ memory, words }: Chunk, used: number): void {
    const bytes = memory.subarray(0, used)
    for (const { bytes: wanted, mayBe, bit } of needles) mark(bytes, wanted, bit, mayBe)
    mark(bytes, anyEscape, all, undefined)
    if (cards !== 0) markDigits(bytes, words)
    count = 0
  }

  function mark(bytes: Buffer, wanted: Buffer, bit: number, mayBe: Detector['needles'][number]['mayBe']): void {
    let text = 0
    let looks = 0
    for (let at = bytes.indexOf(wanted); at >= 0; ) {
      while (starts[text + 1]! <= at) {
        text++
        looks = 0
      }
      const end = starts[text + 1]!
      if (mayBe !== undefined && looks++ < maxLooks && !mayBe(bytes, starts[text]!, at, end)) {
        at = bytes.indexOf(wanted, at + 1)
        continue
      }
      flags[owners[text]!]! |= bit
      at = bytes.indexOf(wanted, end)
    }
  }

  /**
   * Where enough digits lie together, with spaces and dashes between them. Every other four bytes are looked at: some of them lie within
   * fourteen, and the four before or behind them then do, too.
   */
  function markDigits(bytes: Buffer, words: Int32Array): void {
    const { length } = bytes
    let text = 0
    for (let i = nextDigits(words, 0, length >> 2); i >= 0; i = nextDigits(words, i + 2, length >> 2)) {
      let first = i << 2
      while (first > 0 && ofNumber[bytes[first - 1]!] !== 0) first--
      let digits = 0
      let p = first
      for (; p < length && ofNumber[bytes[p]!] !== 0; p++) digits += ofNumber[bytes[p]!]! >> 1
      i = p >> 2
      if (digits < leastCardDigits) continue
      while (starts[text + 1]! <= first) text++
      for (; text < count && starts[text]! < p; text++) {
        const from = Math.max(starts[text]!, first - 2)
        const to = Math.min(starts[text + 1]!, p + 2)
        if (hasCard(bytes.toString('latin1', from, to))) flags[owners[text]!]! |= cards
      }
      text--
    }
  }

  return (events: readonly Event[]): Int32Array => {
    if (events.length > flags.length) flags = new Int32Array(events.length * 2)
    flags.fill(always, 0, events.length)
    let used = 0
    for (let i = 0; i < events.length; i++) {
      const event = events[i]!
      if (event.kind !== 'log') continue
      const { messageStart, messageEnd } = event
      const length = messageEnd - messageStart
      if (used + length > chunkBytes || count === owners.length) {
        search(chunk, used)
        used = 0
      }
      owners[count] = i
      starts[count] = used
      starts[++count] = used + length
      const into = length > chunkBytes ? createChunk(length) : chunk
      event.record.bytes.copy(into.memory, used, messageStart, messageEnd)
      if (into === chunk) used += length
      else search(into, length)
    }
    search(chunk, used)
    return flags
  }
}

interface Chunk {
  readonly memory: Buffer
  /** The same, and a word more. */
  readonly words: Int32Array
}

function createChunk(length: number): Chunk {
  const words = new Int32Array((length >> 2) + 2)
  return { memory: Buffer.from(words.buffer, 0, length), words }
}

/** 3 for digits, 1 for what may stand between them, 0 for all others. */
const ofNumber = new Uint8Array(256)
ofNumber.fill(3, 0x30, 0x3a)
ofNumber[0x20] = ofNumber[0x2d] = 1

/** The first of every other word from `i` on that may be of a card number, or -1; a function of its own, since V8 makes the loop faster so. */
function nextDigits(words: Int32Array, i: number, end: number): number {
  for (; i < end; i += 2)
    if (areOfNumber(words[i]!) && (areOfNumber(words[i + 1]!) || (i > 0 && areOfNumber(words[i - 1]!)))) return i
  return -1
}

/** Whether four bytes are digits, spaces and dashes. */
function areOfNumber(word: number): boolean {
  if ((word & 0x60606060) !== 0x20202020) return false
  const low = word & 0x0f0f0f0f
  const noDigits = word & (low + 0x06060606)
  const noSpaces = low + 0x0f0f0f0f
  const noDashes = (low ^ 0x0d0d0d0d) + 0x0f0f0f0f
  return ((noDigits | (~word & noSpaces & noDashes)) & 0x10101010) === 0
}
