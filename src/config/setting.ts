import { z } from 'zod'
import { formatBytes, formatDuration, parseBytes, parseDuration } from '../core/quantities.ts'

/** What a person is told of a setting, besides its sentence. */
interface About {
  /** Completes `it may be …`. */
  readonly allowed: string
  /** Never printed: neither in errors nor in the effective configuration. */
  readonly secret?: boolean
}

/** A setting's text, parsed; `parse` answers undefined for what is not allowed. */
function setting<T>(about: About, parse: (text: string) => T | undefined) {
  const { allowed, secret = false } = about
  return z
    .string()
    .transform((text, context) => {
      const value = parse(text.trim())
      if (value !== undefined) return value
      context.addIssue({
        code: 'custom',
        message: `${secret ? 'its value' : `'${shortened(text)}'`} is not allowed; it may be ${allowed}`
      })
      return z.NEVER
    })
    .meta({ allowed, secret })
}

export const text = (allowed: string) => setting({ allowed }, value => value)

export const secret = (allowed: string, expression = /^/) =>
  setting({ allowed, secret: true }, value => (expression.test(value) ? value : undefined))

export const pattern = (allowed: string, expression: RegExp) =>
  setting({ allowed }, value => (expression.test(value) ? value : undefined))

export const port = () => integer('a port from 0 to 65535 (0 takes any free one)', 0, 65_535)

export const integer = (allowed: string, least: number, most: number) =>
  setting({ allowed }, value => within(/^\d{1,9}$/.test(value) ? Number(value) : undefined, least, most))

export const size = (least: number, most: number) =>
  setting({ allowed: `a size from ${formatBytes(least)} to ${formatBytes(most)}, written like '4 MiB'` }, value =>
    within(parseBytes(value), least, most)
  )

export const duration = (least: number, most: number) =>
  setting(
    { allowed: `a time from ${formatDuration(least)} to ${formatDuration(most)}, written like '90s' or '15m'` },
    value => within(parseDuration(value), least, most)
  )

export const choice = <const T extends string>(...choices: readonly T[]) =>
  setting({ allowed: `one of ${choices.join(', ')}` }, value => choices.find(one => one === value.toLowerCase()))

/** 1 or true, 0 or false. */
export const flag = () =>
  setting({ allowed: '1 or 0' }, value =>
    /^(1|true)$/i.test(value) ? true : /^(0|false)$/i.test(value) ? false : undefined
  )

/** http or https; user and password in it are secrets. */
export const url = () =>
  setting({ allowed: 'a URL that begins with http:// or https://', secret: true }, value =>
    /^https?:\/\//i.test(value) && URL.canParse(value) ? new URL(value) : undefined
  )

export interface Explained {
  readonly description: string
  readonly allowed: string
  readonly secret: boolean
  /** As a person would write it. */
  readonly default: string | undefined
}

/** What a setting's schema says of itself, through its wrappers (`prefault`, `optional`). */
export function explain(schema: z.core.$ZodType): Explained {
  let explained: Explained = { description: '', allowed: '', secret: false, default: undefined }
  for (let at: z.core.$ZodType | undefined = schema; at !== undefined; at = innerOf(at)) {
    const meta = about.parse(z.globalRegistry.get(at) ?? {})
    explained = {
      ...explained,
      description: meta.description ?? explained.description,
      allowed: meta.allowed ?? explained.allowed,
      secret: meta.secret ?? explained.secret
    }
    if (at instanceof z.ZodPrefault) explained = { ...explained, default: String(at.def.defaultValue) }
  }
  return explained
}

const about = z.object({ description: z.string(), allowed: z.string(), secret: z.boolean() }).partial()

const innerOf = (schema: z.core.$ZodType): z.core.$ZodType | undefined =>
  schema instanceof z.ZodPrefault || schema instanceof z.ZodOptional ? schema.def.innerType : undefined

const within = (value: number | undefined, least: number, most: number): number | undefined =>
  value !== undefined && value >= least && value <= most ? value : undefined

const shortened = (value: string): string => (value.length > 60 ? `${value.slice(0, 60)}…` : value)
