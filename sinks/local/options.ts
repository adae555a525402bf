import { z } from 'zod'
import { bytesOption } from '../../src/core/quantity-options.ts'

const mebibyte = 2 ** 20
const gibibyte = 2 ** 30

/** The local store's options, with their reference text. */
export const localOptions = z.strictObject({
  dir: z.string().min(1).describe('The data directory; the store keeps its files in `local` within it.'),
  maxFileBytes: bytesOption(mebibyte)
    .prefault(256 * mebibyte)
    .describe('A file that has grown to this size is closed and the next one begun; so is the first file of a day.'),
  maxTotalBytes: bytesOption(2 * mebibyte)
    .prefault(5 * gibibyte)
    .describe('When all files together are larger, the oldest ones are deleted, whole.'),
  maxDays: z
    .number()
    .int()
    .min(1)
    .default(7)
    .describe('Files of days longer ago are deleted, whole; a day is one of receipt, in UTC.')
})

export type LocalOptions = z.input<typeof localOptions>
export type LocalSettings = z.output<typeof localOptions>
