import { isObject, type JsonObject } from './json-object.ts'

/** Of one document; what comes after them is searchable under `app` all the same. */
export const maxAppNumbers = 256
/** Of a number's dotted path, in UTF-8. */
export const maxNumberPathBytes = 256

/**
 * The numbers of an app's JSON object by their dotted paths, in the order of the line, for range queries and aggregations:
 * `{"db":{"ms":12}}` → `{"db.ms":12}`. Numbers in arrays are left out. Where two have the same path (`{"a.b":1,"a":{"b":2}}`) the first
 * counts. Left out as well: what is no finite double, paths over `maxNumberPathBytes`, and paths with a blank part, which
 * Elasticsearch refuses as names of fields.
 */
export function appNumbers(app: JsonObject): JsonObject {
  const found = new Map<string, number>()
  collect(app, '', found)
  return Object.fromEntries(found)
}

function collect(object: JsonObject, prefix: string, found: Map<string, number>): void {
  for (const [key, value] of Object.entries(object)) {
    if (found.size >= maxAppNumbers) return
    if (isObject(value)) collect(value, `${prefix}${key}.`, found)
    else if (typeof value === 'number' && Number.isFinite(value)) {
      const path = prefix + key
      if (!found.has(path) && isFieldName(path)) found.set(path, value)
    }
  }
}

const isFieldName = (path: string): boolean =>
  Buffer.byteLength(path) <= maxNumberPathBytes && !path.split('.').some(part => part.trim() === '')

/** Whether objects and arrays lie in each other deeper than `limit`; the outermost one is level 1. */
export function isDeeperThan(value: unknown, limit: number): boolean {
  if (typeof value !== 'object' || value === null) return false
  return limit === 0 || Object.values(value).some(inner => isDeeperThan(inner, limit - 1))
}
