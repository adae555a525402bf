/** 1: a byte that JSON text must escape. */
const mustEscape = new Uint8Array(256)
mustEscape.fill(1, 0, 0x20)
mustEscape[0x22] = mustEscape[0x5c] = 1

const shortEscape = new Uint8Array(256)
shortEscape[0x22] = 0x22
shortEscape[0x5c] = 0x5c
shortEscape[0x08] = 0x62
shortEscape[0x09] = 0x74
shortEscape[0x0a] = 0x6e
shortEscape[0x0c] = 0x66
shortEscape[0x0d] = 0x72

const hex = Buffer.from('0123456789abcdef')
/** Below this many bytes a loop is cheaper than a call. */
const loopBelow = 80

/** A growing buffer of JSON bytes. `reserve` before each event bounds what may be written, so that nothing else checks. */
export class JsonOut {
  bytes: Buffer
  at = 0

  constructor(capacity: number) {
    this.bytes = Buffer.allocUnsafeSlow(capacity)
  }

  reserve(more: number): void {
    const needed = this.at + more
    if (needed <= this.bytes.length) return
    const grown = Buffer.allocUnsafeSlow(Math.max(needed, this.bytes.length * 2))
    this.bytes.copy(grown, 0, 0, this.at)
    this.bytes = grown
  }

  /** Bytes as they are. */
  raw(source: Buffer, start = 0, end = source.length): void {
    const length = end - start
    if (length >= loopBelow) this.at += source.copy(this.bytes, this.at, start, end)
    else {
      const { bytes } = this
      let at = this.at
      for (let p = start; p < end; p++) bytes[at++] = source[p]!
      this.at = at
    }
  }

  /** ASCII text as it is. */
  ascii(text: string): void {
    this.at += this.bytes.write(text, this.at, 'latin1')
  }

  /** UTF-8 bytes as the inside of a JSON string: at most six bytes for one. */
  escaped(source: Buffer, start: number, end: number): void {
    let from = start
    let p = start
    for (;;) {
      while (p < end && mustEscape[source[p]!] === 0) p++
      if (p > from) this.raw(source, from, p)
      if (p >= end) return
      this.#escape(source[p]!)
      from = ++p
    }
  }

  #escape(byte: number): void {
    const { bytes } = this
    let at = this.at
    bytes[at++] = 0x5c
    const short = shortEscape[byte]!
    if (short !== 0) bytes[at++] = short
    else {
      bytes[at++] = 0x75
      bytes[at++] = 0x30
      bytes[at++] = 0x30
      bytes[at++] = hex[byte >> 4]!
      bytes[at++] = hex[byte & 15]!
    }
    this.at = at
  }

  /** A whole number from 0 to 2^53. */
  integer(value: number): void {
    if (value < 10) this.bytes[this.at++] = 0x30 + value
    else if (value < 1000) {
      const { bytes } = this
      if (value >= 100) bytes[this.at++] = 0x30 + Math.trunc(value / 100)
      bytes[this.at++] = 0x30 + (Math.trunc(value / 10) % 10)
      bytes[this.at++] = 0x30 + (value % 10)
    } else this.ascii(String(value))
  }

  /** Exactly `digits` digits. */
  digits(value: number, digits: number): void {
    const { bytes } = this
    let rest = value
    for (let p = this.at + digits - 1; p >= this.at; p--) {
      const next = Math.trunc(rest / 10)
      bytes[p] = 0x30 + rest - next * 10
      rest = next
    }
    this.at += digits
  }

  taken(): Buffer {
    return this.bytes.subarray(0, this.at)
  }
}
