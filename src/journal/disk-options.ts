import { z } from 'zod'
import { bytesOption, durationOption } from '../core/quantity-options.ts'

const MiB = 2 ** 20

export const diskOptions = z.strictObject({
  dir: z.string().min(1).describe('The data directory; the journal lies in its subdirectories journal and cursors.'),
  maxBytes: bytesOption(MiB)
    .prefault('10 GiB')
    .describe(
      'The most disk that the journal takes; 80 % of the space that is free at start, or came free since, where that is less.'
    ),
  segmentBytes: bytesOption(64 * 1024)
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
  repeatMs: durationOption(0)
    .prefault('15m')
    .describe(
      'How long POSTs stay that every lane has committed, so that repeated ones are recognised after a restart.'
    ),
  retainMs: durationOption(0)
    .prefault(0)
    .describe('How long anything else stays that every lane has committed, so that it can be replayed.'),
  retainBytes: bytesOption(0)
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

/** Those that a configuration file has: its lanes are those of its sinks. */
export const journalOptions = diskOptions.omit({ lanes: true })
export type JournalOptions = z.input<typeof journalOptions>
export type ParsedJournalOptions = z.output<typeof journalOptions>
