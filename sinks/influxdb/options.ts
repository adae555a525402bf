import { z } from 'zod'
import { bytesOption, durationOption } from '../../src/core/quantity-options.ts'

const positive = z.number().int().min(1)

/** What `influxdb()` may be told. Sizes are bytes, times ms. */
export const influxdbOptions = z.strictObject({
  url: z.url({ protocol: /^https?$/ }).describe('URL of InfluxDB 2.'),
  token: z.string().min(1).describe('API token that may write to the bucket.'),
  org: z.string().min(1).describe('Organisation, by name or id.'),
  bucket: z.string().min(1).describe('Bucket that points are written to.'),
  createBucket: z
    .enum(['if_missing', 'never'])
    .default('if_missing')
    .describe('Whether the bucket is created where it is missing and the token may create it.'),
  bucketRetentionDays: z
    .number()
    .int()
    .nonnegative()
    .default(0)
    .describe('Days that a bucket which we create keeps its points; 0 is for ever.'),
  caCertificate: z
    .string()
    .optional()
    .describe('CA certificate (PEM) that the server’s certificate is checked against.'),
  requestTimeoutMs: durationOption(1, 864e5)
    .default(30_000)
    .describe('How long a request may take before it is sent again.'),
  maxBatchEvents: positive.default(5000).describe('Events in one request.'),
  maxBatchBytes: bytesOption(1, 2 ** 30)
    .default(4_000_000)
    .describe('Bytes of frames in one request; lines are shorter.'),
  maxBatchAgeMs: durationOption(1, 36e5).default(1000).describe('How long an event may wait for others.'),
  maxInFlight: positive.default(2).describe('Requests on their way at once.')
})

export type InfluxdbOptions = z.input<typeof influxdbOptions>
export type ParsedInfluxdbOptions = z.output<typeof influxdbOptions>
