import type { LogEvent } from '../../src/core/event.ts'
import type { Source } from '../../src/core/source.ts'
import type { Detector } from './detector.ts'
import type { FieldNames } from './field-names.ts'
import { isJson, redactJson } from './json-text.ts'
import { namedFieldsName } from './named-fields.ts'

/** JSON within strings of JSON is read so deep; what lies deeper is text. */
const maxDepth = 8
const everyDetector = -1

/** `detectors` as the prefilter numbers them. A text on which one of them fails is all secret. */
export function createTextRedaction(detectors: readonly Detector[], names: FieldNames | undefined, mask: string) {
  const fieldsBit = detectors.reduce((bits, { name }, index) => bits | (name === namedFieldsName ? 1 << index : 0), 0)

  function read(value: string, flags: number, mask: string, depth: number): string {
    if (depth < maxDepth && isJson(value)) {
      return redactJson(value, {
        text: inner => read(inner, flags, mask, depth + 1),
        isNamed: key => (flags & fieldsBit) !== 0 && names !== undefined && names.has(key),
        mask
      })
    }
    let safe = value
    for (let i = 0; i < detectors.length; i++) if ((flags & (1 << i)) !== 0) safe = detectors[i]!.redact(safe, mask)
    return safe
  }

  function text(value: string, flags = everyDetector, as = mask): string {
    try {
      return read(value, flags, as, 0)
    } catch {
      return as
    }
  }

  return {
    /** What is left of a text; `flags` are the detectors that have to look. */
    text,

    /** The bytes of a log's text without its secrets; undefined where there are none. */
    bytes(event: LogEvent, flags: number): Buffer | undefined {
      // Bytes that are no UTF-8 stay what they are: what is looked for is ASCII.
      const encoding = event.marks.includes('not_utf8') ? 'latin1' : 'utf8'
      const value = event.record.bytes.toString(encoding, event.messageStart, event.messageEnd)
      const safe = text(value, flags, Buffer.from(mask).toString(encoding))
      return safe === value ? undefined : Buffer.from(safe, encoding)
    },

    /** The same source where its tags have no secrets. */
    source(source: Source): Source {
      const tags = Object.entries(source.tags)
      const safe = tags.map(([name, value]): [string, string] => [name, names?.has(name) ? mask : text(value)])
      return safe.every(([, value], index) => value === tags[index]![1])
        ? source
        : { ...source, tags: Object.fromEntries(safe) }
    }
  }
}
