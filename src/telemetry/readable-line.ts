const colours: Readonly<Record<string, string>> = { warn: '33', error: '31', fatal: '31', debug: '2', trace: '2' }

/** One JSON line of our own log for a person, in local time: `07:46:07 warn  Write failed and will be retried. sink=elasticsearch`. */
export function readableLine(line: string): string {
  const entry = fieldsOf(line)
  if (entry === undefined) return line
  const { time, level, msg, err, ...fields } = entry
  const clock = typeof time === 'string' ? new Date(time).toTimeString().slice(0, 8) : ''
  const name = String(level)
  const rest = Object.entries(fields).map(([key, value]) => ` ${key}=${harmless(textOf(value))}`)
  const head = `${clock} ${colour(name.padEnd(5), colours[name])} ${harmless(String(msg ?? ''))}`
  return `${head}${colour(rest.join(''), '2')}\n${errorOf(err)}`
}

function fieldsOf(line: string): Record<string, unknown> | undefined {
  try {
    const entry: unknown = JSON.parse(line)
    return typeof entry === 'object' && entry !== null ? { ...entry } : undefined
  } catch {
    return undefined
  }
}

function errorOf(error: unknown): string {
  if (typeof error !== 'object' || error === null) return ''
  const text = 'stack' in error ? String(error.stack) : 'message' in error ? String(error.message) : ''
  return text
    .split('\n')
    .map(line => `         ${harmless(line)}\n`)
    .join('')
}

const textOf = (value: unknown): string => (typeof value === 'string' ? value : JSON.stringify(value))

/** Others' words may hold control characters, and a terminal obeys them. */
const harmless = (text: string): string =>
  text.replace(/[\u0000-\u001f\u007f-\u009f]/g, char => `\\x${char.charCodeAt(0).toString(16).padStart(2, '0')}`)

const colour = (text: string, code: string | undefined): string =>
  code === undefined || text === '' ? text : `\u001b[${code}m${text}\u001b[0m`
