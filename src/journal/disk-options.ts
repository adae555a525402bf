import { z } from 'zod'
import { parseBytes, parseDuration } from '../core/quantities.ts'

const MiB = 2 ** 20

/** People write '10 GiB' or '15m', programs numbers. */
const quantity = (parse: (text: string) => number | undefined, example: string) =>
  z.union([z.number(), z.string()]).transform((value, context) => {
    const number = typeof value === 'number' ? value : parse(value)
    if (number !== undefined) return number
    context.addIssue({ code: 'custom', message: `must be like '${example}'` })
    return z.NEVER
  })
const bytes = (min: number) => quantity(parseBytes, '10 GiB').pipe(z.number().int().min(min))
const duration = quantity(parseDuration, '15m').pipe(z.number().int().nonnegative())

export const diskOptions = z.strictObject({
  dir: z.string().min(1).describe('The data directory; the journal lies in its subdirectories journal and cursors.'),
  maxBytes: bytes(MiB)
    .prefault('10 GiB')
    .describe('The most disk that the journal takes; 80 % of the space that is free at start, where that is less.'),
  segmentBytes: bytes(64 * 1024)
    .prefault('128 MiB')
    .describe(
      'Size of a segment file, the unit in which space is freed; at most a quarter of a partition’s share of the bound.'
    ),
  partitions: z
    .number()
    .int()
    .min(1)
    .max(64)
    .default(1)
    .describe('Each has its own order and its own delivery worker.'),
  sync: z
    .enum(['always', 'never'])
    .default('always')
    .describe(
      '`always` acknowledges what survives a crash of the machine, `never` what survives a crash of the process.'
    ),
  repeatMs: duration
    .prefault('15m')
    .describe(
      'How long POSTs stay that every lane has committed, so that repeated ones are recognised after a restart.'
    ),
  retainMs: duration
    .prefault(0)
    .describe('How long anything else stays that every lane has committed, so that it can be replayed.'),
  retainBytes: bytes(0)
    .default(Number.MAX_SAFE_INTEGER)
    .describe('How much of it stays at most; what is needed for new records goes first in any case.'),
  lanes: z
    .array(
      z.strictObject({
        name: z.string().min(1).max(100).describe('Name of the lane; its cursor files are named for it.'),
        whenFull: z
          .enum(['wait', 'skip'])
          .default('wait')
          .describe('When the journal is full: `wait` refuses new records, `skip` gives up this lane’s oldest segment.')
      })
    )
    .default([])
    .describe('The configured lanes: a segment goes when each of them has committed it.')
})
export type DiskOptions = z.input<typeof diskOptions>
export type ParsedDiskOptions = z.output<typeof diskOptions>
