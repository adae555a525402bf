/**
 * One clock for all processes of the bench: the machine's monotonic one, moved so that it shows µs since 1970. `offset` is chosen once
 * and handed on, so that times of different processes can be subtracted.
 */
export const monotonicMicros = (): number => Number(process.hrtime.bigint() / 1000n)

export const chooseOffset = (): number => Date.now() * 1000 - monotonicMicros()

/** Writes the six digits of a fraction and, where the second has changed, what is before them: `2026-11-24T04:29:03.785942`. */
export function createStamp() {
  let second = -1
  const text = Buffer.from('1970-01-01T00:00:00.000000', 'latin1')
  return {
    /** The last digit is never 0: the agent would leave it out, and the frame would be shorter. */
    write(target: Uint8Array, at: number, micros: number): void {
      const time = micros % 10 === 0 ? micros + 1 : micros
      const whole = Math.floor(time / 1e6)
      if (whole !== second) {
        second = whole
        text.write(new Date(whole * 1000).toISOString().slice(0, 20), 'latin1')
      }
      let fraction = time - whole * 1e6
      for (let i = 25; i >= 20; i--) {
        text[i] = 48 + (fraction % 10)
        fraction = Math.floor(fraction / 10)
      }
      target.set(text, at)
    }
  }
}

/** Reads what a stamp wrote, at the beginning of any ISO 8601 time with six digits or more. NaN for anything else. */
export function createStampReader() {
  let day = ''
  let dayMicros = 0
  return (bytes: Buffer, at: number): number => {
    for (let i = 0; i < 10; i++) {
      if (bytes[at + i] !== day.charCodeAt(i)) {
        day = bytes.toString('latin1', at, at + 10)
        dayMicros = Date.parse(day) * 1000
        break
      }
    }
    const two = (place: number): number => (bytes[at + place]! - 48) * 10 + bytes[at + place + 1]! - 48
    const fraction = two(20) * 10_000 + two(22) * 100 + two(24)
    return dayMicros + (two(11) * 3600 + two(14) * 60 + two(17)) * 1e6 + fraction
  }
}
