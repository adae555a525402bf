import { z } from 'zod'
import { bytesOption, durationOption } from '../../src/core/quantity-options.ts'

const positive = z.number().int().min(1)

/** What `elasticsearch()` may be told. Sizes are bytes, times ms. */
export const elasticsearchOptions = z.strictObject({
  node: z.url({ protocol: /^https?$/ }).describe('URL of Elasticsearch; user and password may stand in it.'),
  auth: z
    .union([
      z.strictObject({ username: z.string(), password: z.string() }),
      z.strictObject({ apiKey: z.string().describe('Base64 of id:key, as Kibana shows it.') })
    ])
    .optional()
    .describe('User and password, or an API key; wins over what stands in the URL.'),
  dataset: z.string().default('app').describe('Middle of the data stream’s name: logs-cloudfoundry.DATASET-NAMESPACE.'),
  namespace: z.string().default('default').describe('End of the data stream’s name, such as `production`.'),
  templates: z
    .enum(['install', 'skip'])
    .default('install')
    .describe(
      'Whether index templates are installed at start where they are missing or older; `skip` needs no right to manage them.'
    ),
  retention: z
    .string()
    .regex(/^\d+[dhm]$/)
    .optional()
    .describe('How long new data streams keep their documents, such as `30d`; for ever without it.'),
  caCertificate: z
    .string()
    .optional()
    .describe('CA certificate (PEM) that the server’s certificate is checked against.'),
  requestTimeoutMs: durationOption(1, 864e5)
    .default(60_000)
    .describe('How long a request may take before it is sent again.'),
  maxBatchEvents: positive.default(2000).describe('Events in one request.'),
  maxBatchBytes: bytesOption(1, 2 ** 30)
    .default(1_500_000)
    .describe('Bytes of log in one request; documents are somewhat longer.'),
  maxBatchAgeMs: durationOption(1, 36e5).default(500).describe('How long an event may wait for others.'),
  maxInFlight: positive.default(2).describe('Requests on their way at once.')
})

export type ElasticsearchOptions = z.input<typeof elasticsearchOptions>
export type ParsedElasticsearchOptions = z.output<typeof elasticsearchOptions>
