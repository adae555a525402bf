import { z } from 'zod'
import { CulvertError } from '../core/errors.ts'
import { levels } from '../core/event.ts'
import { maxCountedFrames, maxStepFrames, replayModes } from '../core/replay.ts'
import { maxTerms, readTerms } from '../core/words.ts'

const words = (description: string) => z.string().min(1).max(1000).describe(description)

const whole = (text: string): number | undefined => (/^\d{1,15}$/.test(text) ? Number(text) : undefined)

const isoTime = /^\d{4}-\d\d-\d\d(T\d\d:\d\d(:\d\d(\.\d{1,9})?)?(Z|[+-]\d\d:\d\d))?$/

/** ms since 1970 from the same in digits, or from ISO 8601 with its zone. */
const time = (description: string) =>
  z
    .string()
    .max(40)
    .transform((text, context) => {
      const ms = whole(text) ?? (isoTime.test(text) ? Date.parse(text) : Number.NaN)
      if (Number.isFinite(ms)) return ms
      context.addIssue({ code: 'custom', message: 'may be ms since 1970, or ISO 8601 such as 2026-11-24T07:00:00Z' })
      return z.NEVER
    })
    .exactOptional()
    .describe(description)

const range = {
  from: time('Earliest time: ms since 1970, or ISO 8601.'),
  to: time('Latest time, itself included: ms since 1970, or ISO 8601.')
}

const filter = {
  q: words('Words that the line, or the name of its app, space or org, must hold: "a phrase" in quotes, `begin*`.')
    .refine(q => readTerms(q).length <= maxTerms, `may have ${maxTerms} words at most`)
    .exactOptional(),
  app: words('Name or guid of the app.').exactOptional(),
  level: z.enum(levels).exactOptional().describe('Least severe level.'),
  source: words('Source type: APP, RTR, STG, CELL, API, …').exactOptional()
}

export const tailParameters = z.strictObject(filter)

export const rangeParameters = z.strictObject(range)

/** Rows in one answer at most; `cursor` gets the others. */
export const maxRows = 500

const rowCount = { error: `may be a whole number from 1 to ${maxRows}; \`cursor\` gets more` }

export const logsParameters = z.strictObject({
  ...filter,
  ...range,
  cursor: words('`next` of the page before: the rows that are older.').exactOptional(),
  limit: z.coerce
    .number(rowCount)
    .int(rowCount)
    .min(1, rowCount)
    .max(maxRows, rowCount)
    .default(100)
    .describe(`Rows in one answer, at most ${maxRows}: \`cursor\` gets more.`)
})

const lane = words('Name of a lane, all its partitions.').exactOptional()

const letterFilter = {
  lane,
  q: words('Words that the reason, or the line, must hold: "a phrase" in quotes, `begin*`.')
    .refine(q => readTerms(q).length <= maxTerms, `may have ${maxTerms} words at most`)
    .exactOptional(),
  app: filter.app,
  ...range
}

export const deadLetterFilter = z.strictObject(letterFilter)

export const deadLetterParameters = z.strictObject({
  ...letterFilter,
  cursor: z.string().max(4000).exactOptional().describe('`next` of the answer before: letters that are older.'),
  limit: logsParameters.shape.limit
})

export const oneLetterParameters = z.strictObject({ lane })

/** The same filter as JSON: times are numbers or texts. */
export const replayBody = z.strictObject({
  ...deadLetterParameters.shape,
  from: z.union([z.number(), range.from]).exactOptional(),
  to: z.union([z.number(), range.to]).exactOptional()
})

const sink = words('Name of the sink’s lane.')

export const replayParameters = z.strictObject({
  sink,
  from: time('Received at this time or later: ms since 1970, or ISO 8601; from the oldest record on without it.'),
  to: time('Received at this time or earlier; up to now without it.')
})

const position = z.number().int().min(0)

export const replayStepBody = z.strictObject({
  sink,
  partition: z.number().int().min(0),
  position: position.describe('`position` of the partition, or of the step before.'),
  end: position.describe('`end` of the partition.'),
  limit: z
    .number()
    .int()
    .min(1)
    .max(maxCountedFrames)
    .default(1000)
    .describe(`Frames, about: a step is made of whole records; ${maxStepFrames} at most, but for \`count\`.`),
  mode: z
    .enum(replayModes)
    .default('missing')
    .describe(
      '`missing` stores what the sink does not have; `replace` writes over what it has, under the same ids, and stores the rest; `count` reads only.'
    )
})

/** Points in a series at most: what a chart can show. */
export const maxPoints = 2000

export const metricsParameters = z.strictObject({
  name: words('Name of the metric.'),
  app: words('Name or guid of the app.').exactOptional(),
  from: time('Earliest time: ms since 1970, or ISO 8601; an hour before `to` by default.'),
  to: time('Latest time: ms since 1970, or ISO 8601; now by default.'),
  stepMs: z.coerce
    .number()
    .int()
    .min(1000)
    .exactOptional()
    .describe(`ms between points; about 300 points by default, at most ${maxPoints}.`)
})

/** What a query string says by a schema; empty parameters count as absent. Throws QUERY_INVALID naming all that are wrong. */
export function readQuery<T extends z.ZodType>(schema: T, query: unknown): z.output<T> {
  const given = Object.entries(query ?? {}).filter(([, value]) => value !== '')
  const { data, error } = schema.safeParse(Object.fromEntries(given))
  if (error === undefined) return data
  const sentences = error.issues.map(issue =>
    issue.code === 'unrecognized_keys'
      ? `${issue.keys.join(', ')}: there is no such parameter`
      : `${issue.path.join('.')}: ${issue.message}`
  )
  throw new CulvertError('QUERY_INVALID', sentences.join('; '))
}
