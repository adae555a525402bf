import { z } from 'zod'
import { isObject, type Placed, unknownKey } from './config-file.ts'

type Options = Readonly<Record<string, unknown>>

/**
 * A component's options by its schema, filled in with what the environment says; undefined when something is wrong, which goes to
 * `problems` with the option's path. `variables` names what can be given in the environment instead. Values are never printed: they may
 * be secrets.
 */
export function readOptions<Schema extends z.ZodObject>(
  schema: Schema,
  { path, options }: Pick<Placed<string>, 'path' | 'options'>,
  environment: Options,
  variables: Readonly<Record<string, string>>,
  problems: string[]
): z.output<Schema> | undefined {
  const given = { ...withoutUndefined(environment), ...withoutUndefined(options) }
  const { data, error } = schema.safeParse(given)
  for (const issue of error?.issues ?? []) problems.push(...sentences(issue, path, [], { schema, given, variables }))
  return data
}

const withoutUndefined = (options: Options): Options =>
  Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined))

interface Asked {
  readonly schema: z.ZodObject
  readonly given: Options
  readonly variables: Readonly<Record<string, string>>
}

function sentences(issue: z.core.$ZodIssue, path: string, above: readonly PropertyKey[], asked: Asked): string[] {
  const keys = [...above, ...issue.path]
  const place = keys.reduce<string>(
    (text, key) => text + (typeof key === 'number' ? `[${key}]` : `.${String(key)}`),
    path
  )
  if (issue.code === 'unrecognized_keys') {
    const known = keysAt(asked.schema, keys)
    return issue.keys.map(key => unknownKey(`${place}.${key}`, key, known))
  }
  if (issue.code === 'invalid_union') {
    const nearest = issue.errors.toSorted((a, b) => a.length - b.length)[0] ?? []
    if (nearest.every(({ path }) => path.length === 0) && nearest[0]?.code === 'invalid_type')
      return [`${place}: ${isMissing(asked.given, keys) ? missing(keys, asked) : 'is of a wrong type'}`]
    return nearest.flatMap(inner => sentences(inner, path, keys, asked))
  }
  return [`${place}: ${sentence(issue, keys, asked)}`]
}

function sentence(issue: z.core.$ZodIssue, keys: readonly PropertyKey[], asked: Asked): string {
  if (issue.code === 'invalid_type')
    return isMissing(asked.given, keys) ? missing(keys, asked) : `must be ${withArticle(issue.expected)}`
  if (issue.code === 'invalid_value') return `may be ${issue.values.map(String).join(' or ')}`
  if (issue.code === 'too_small') return issue.origin === 'string' ? 'is empty' : `must be at least ${issue.minimum}`
  if (issue.code === 'too_big') return `must be at most ${issue.maximum}`
  if (issue.code === 'invalid_format' && issue.format === 'url')
    return 'must be a URL that begins with http:// or https://'
  return issue.message
}

const withArticle = (type: string): string =>
  type === 'int' ? 'a whole number' : `${/^[aeiou]/.test(type) ? 'an' : 'a'} ${type}`

function missing(keys: readonly PropertyKey[], { variables }: Asked): string {
  const variable = variables[String(keys[0])]
  return `is missing${variable === undefined ? '' : `; give it here, or set ${variable}`}`
}

function isMissing(given: unknown, keys: readonly PropertyKey[]): boolean {
  let at = given
  for (const key of keys) at = isObject(at) ? at[String(key)] : undefined
  return at === undefined
}

function keysAt(schema: z.core.$ZodType | undefined, keys: readonly PropertyKey[]): string[] {
  const at = unwrapped(schema)
  if (at instanceof z.ZodUnion) return at.options.flatMap(option => keysAt(option, keys))
  if (!(at instanceof z.ZodObject)) return []
  const [key, ...below] = keys
  return key === undefined ? Object.keys(at.shape) : keysAt(at.shape[String(key)], below)
}

/** What stands in `optional`, `default` and their like. */
export function unwrapped(schema: z.core.$ZodType | undefined): z.core.$ZodType | undefined {
  let at = schema
  while (
    at instanceof z.ZodOptional ||
    at instanceof z.ZodExactOptional ||
    at instanceof z.ZodDefault ||
    at instanceof z.ZodPrefault
  )
    at = at.def.innerType
  return at
}
