/** One server-sent event (WHATWG HTML, section 9.2). */
export interface ServerEvent {
  /** `message` where the stream names none. */
  readonly event: string
  readonly data: string
}

/** An event that grows past this is an error: the stream is not ours. */
export const maxEventChars = 8 * 2 ** 20

export interface SseParser {
  /** Takes the next piece of the stream, cut anywhere; answers the events that it completes. Throws RangeError past the bound. */
  push(text: string): ServerEvent[]
}

/** Parses an event stream; lines may end in LF or CRLF. `id` and `retry` are of no use here and are skipped. */
export function createSseParser(maxChars = maxEventChars): SseParser {
  let rest = ''
  let event = ''
  let data: string[] = []
  let chars = 0

  function field(name: string, value: string): void {
    if (name === 'event') event = value
    if (name !== 'data') return
    data.push(value)
    chars += value.length
    if (chars > maxChars) throw new RangeError(`an event is longer than ${maxChars} characters`)
  }

  function takeLine(line: string): ServerEvent | undefined {
    if (line === '') return finish()
    const colon = line.indexOf(':')
    if (colon === 0) return undefined
    if (colon < 0) field(line, '')
    else field(line.slice(0, colon), line.slice(line[colon + 1] === ' ' ? colon + 2 : colon + 1))
    return undefined
  }

  function finish(): ServerEvent | undefined {
    const complete = data.length > 0 ? { event: event || 'message', data: data.join('\n') } : undefined
    event = ''
    data = []
    chars = 0
    return complete
  }

  return {
    push(text) {
      const events: ServerEvent[] = []
      const all = rest + text
      let start = 0
      for (let end = all.indexOf('\n'); end >= 0; end = all.indexOf('\n', start)) {
        const complete = takeLine(all.slice(start, all[end - 1] === '\r' ? end - 1 : end))
        if (complete !== undefined) events.push(complete)
        start = end + 1
      }
      rest = all.slice(start)
      if (rest.length > maxChars) throw new RangeError(`a line is longer than ${maxChars} characters`)
      return events
    }
  }
}
