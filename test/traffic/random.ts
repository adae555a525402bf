/** Seeded random numbers (sfc32): the same seed gives the same traffic, to the byte. */
export function createRandom(seed: number) {
  let a = seed >>> 0
  let b = (seed ^ 0x9e3779b9) >>> 0
  let c = 0x243f6a88
  let counter = 1

  function word(): number {
    const sum = (a + b + counter) | 0
    counter = (counter + 1) | 0
    a = b ^ (b >>> 9)
    b = (c + (c << 3)) | 0
    c = ((c << 21) | (c >>> 11)) + sum
    return sum >>> 0
  }

  /** In [0, 1). */
  const next = (): number => word() / 2 ** 32
  /** A whole number from `min` to `max`, both possible. */
  const int = (min: number, max: number): number => min + Math.floor(next() * (max - min + 1))
  const hex = (length: number): string => {
    let text = ''
    while (text.length < length) text += word().toString(16).padStart(8, '0')
    return text.slice(0, length)
  }
  for (let i = 0; i < 12; i++) word()

  return {
    next,
    int,
    hex,
    chance: (probability: number): boolean => next() < probability,
    pick<T>(list: readonly T[]): T {
      return list[Math.floor(next() * list.length)]!
    },
    /** Picks by weight. */
    weighted<T>(list: readonly (readonly [value: T, weight: number])[]): T {
      let rest = next() * list.reduce((sum, [, weight]) => sum + weight, 0)
      for (const [value, weight] of list) if ((rest -= weight) < 0) return value
      return list[list.length - 1]![0]
    },
    /** What latencies look like: half of them below `median`, a long tail above it. */
    logNormal(median: number, sigma: number): number {
      const normal = Math.sqrt(-2 * Math.log(1 - next())) * Math.cos(2 * Math.PI * next())
      return median * Math.exp(sigma * normal)
    },
    /** A version 4 guid. */
    guid(): string {
      const digits = hex(32)
      const variant = '89ab'.charAt(int(0, 3))
      return `${digits.slice(0, 8)}-${digits.slice(8, 12)}-4${digits.slice(13, 16)}-${variant}${digits.slice(17, 20)}-${digits.slice(20)}`
    },
    ipv4: (): string => `203.0.113.${int(1, 254)}`
  }
}

export type Random = ReturnType<typeof createRandom>
