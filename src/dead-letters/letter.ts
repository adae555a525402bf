import { z } from 'zod'
import type { DeadLetter, DeadLetterRow } from '../core/dead-letter.ts'
import { listeners } from '../core/record.ts'

/** How a line begins as long as its letter is not put back, up to the time; and where the byte is that changes then. */
export const waitingPrefix = Buffer.from('{"putBack":0,"at":"')
export const putBackPrefix = Buffer.from('{"putBack":1,"at":"')
export const flagOffset = waitingPrefix.indexOf('0')
export const timeLength = '2026-11-24T04:29:03.785Z'.length

const text = z.string()
const whole = z.int().min(0)
const deadLetter = z.object({
  putBack: z.literal([0, 1]),
  at: text,
  lane: text,
  id: text,
  reason: text,
  receiptTime: z.number(),
  listener: z.enum(listeners),
  sequence: whole,
  tieBreak: whole,
  marks: whole,
  event: z.unknown().optional(),
  frame: z.base64()
})

/** A line as a letter; undefined where it is none. */
export function readLetter(line: Buffer): DeadLetter | undefined {
  try {
    return deadLetter.safeParse(JSON.parse(line.toString('utf8'))).data
  } catch {
    return undefined
  }
}

const source = z.object({ org: text, space: text, app: text, appId: text, type: text }).partial()
const event = z.object({
  kind: text,
  message: text.optional(),
  app: z.unknown().optional(),
  name: text.optional(),
  value: z.number().nullish(),
  unit: text.optional(),
  source: source.optional()
})
export type ReadableEvent = z.infer<typeof event>

/** What the letter says of its event; undefined where nobody could read it. */
export const eventOf = (letter: DeadLetter): ReadableEvent | undefined => event.safeParse(letter.event).data

export const frameText = ({ frame }: DeadLetter): string => Buffer.from(frame, 'base64').toString('utf8')

/** The line as people read it, or a metric's name and value. */
export function textOf(letter: DeadLetter, known: ReadableEvent | undefined): string {
  if (known?.message !== undefined) return known.message
  if (known?.name !== undefined) return `${known.name} ${known.value ?? 'NaN'} ${known.unit ?? ''}`.trim()
  return frameText(letter)
}

const maxTextLength = 500
const maxReasonLength = 1000

export function rowOf(letter: DeadLetter): DeadLetterRow {
  const { id, at, lane, reason, frame } = letter
  const known = eventOf(letter)
  const { org = '', space = '', app = '', type = '' } = known?.source ?? {}
  return {
    id,
    at,
    lane,
    reason: reason.slice(0, maxReasonLength),
    ...(known === undefined ? {} : { kind: known.kind }),
    app,
    place: [org, space].filter(name => name !== '').join(' / '),
    type,
    text: textOf(letter, known).slice(0, maxTextLength).toWellFormed(),
    bytes: Buffer.byteLength(frame, 'base64')
  }
}
