const bytesPerUnit: Readonly<Record<string, number>> = {
  b: 1,
  kb: 1e3,
  mb: 1e6,
  gb: 1e9,
  tb: 1e12,
  kib: 2 ** 10,
  mib: 2 ** 20,
  gib: 2 ** 30,
  tib: 2 ** 40
}

const msPerUnit: Readonly<Record<string, number>> = { ms: 1, s: 1e3, m: 6e4, h: 36e5, d: 864e5 }

const quantity = /^(\d{1,15}(?:\.\d{1,3})?)\s*([a-z]*)$/

/** '10 GiB', '4MiB', '1.5 GB' or a bare number of bytes → whole bytes; undefined for anything else. */
export function parseBytes(text: string): number | undefined {
  const match = quantity.exec(text.trim().toLowerCase())
  if (match === null) return undefined
  return whole(Number(match[1]) * (bytesPerUnit[match[2] || 'b'] ?? Number.NaN))
}

/** '15m', '500 ms', '2h', '7d' → whole ms; undefined for anything else, also for a number without its unit. */
export function parseDuration(text: string): number | undefined {
  const match = quantity.exec(text.trim().toLowerCase())
  if (match === null) return undefined
  return whole(Number(match[1]) * (msPerUnit[match[2]!] ?? Number.NaN))
}

/** The largest unit that says it exactly: 131072 → '128 KiB'. */
export function formatBytes(bytes: number): string {
  for (const unit of ['TiB', 'GiB', 'MiB', 'KiB']) {
    const size = bytesPerUnit[unit.toLowerCase()]!
    if (bytes >= size && bytes % size === 0) return `${bytes / size} ${unit}`
  }
  return `${bytes} B`
}

/** For people, with three digits: 64887182 → '61.9 MiB'. */
export function roundBytes(bytes: number): string {
  for (const unit of ['TiB', 'GiB', 'MiB', 'KiB']) {
    const size = bytes / bytesPerUnit[unit.toLowerCase()]!
    if (size >= 1) return `${Number(size.toPrecision(3))} ${unit}`
  }
  return `${bytes} B`
}

/** The largest unit that says it exactly: 900000 → '15m'. */
export function formatDuration(ms: number): string {
  for (const unit of ['d', 'h', 'm', 's']) {
    const size = msPerUnit[unit]!
    if (ms >= size && ms % size === 0) return `${ms / size}${unit}`
  }
  return `${ms}ms`
}

const whole = (value: number): number | undefined =>
  Number.isFinite(value) && value <= Number.MAX_SAFE_INTEGER ? Math.round(value) : undefined
