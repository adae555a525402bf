import { z } from 'zod'
import { bytesOption, durationOption } from '../src/core/quantity-options.ts'
import { defaultMaxFrameBytes, maxMaxFrameBytes } from './framing.ts'

/** What the `syslog` listener can be told. */
export const syslogOptions = z.strictObject({
  host: z.string().min(1).default('127.0.0.1').describe('Address to listen on; 0.0.0.0 or :: for all.'),
  port: z
    .int()
    .min(0)
    .max(65_535)
    .optional()
    .describe('Port to listen on; 5514 without TLS, 6514 with; 0 takes a free one.'),
  tls: z
    .strictObject({
      cert: z
        .string()
        .min(1)
        .describe('Certificate chain in PEM; an RSA key serves every agent, also with ssl-strict-internal.'),
      key: z.string().min(1).describe('The certificate’s private key in PEM.'),
      clientCa: z
        .string()
        .min(1)
        .optional()
        .describe('Authority of client certificates in PEM; with it senders without such a certificate are refused.')
    })
    .optional()
    .describe('Makes the listener speak TLS 1.2 and 1.3.'),
  maxFrameBytes: bytesOption(1024, maxMaxFrameBytes)
    .default(defaultMaxFrameBytes)
    .describe('Longest message in bytes (up to 4 MiB); longer ones are cut and marked.'),
  idleTimeoutMs: durationOption(1, 864e5)
    .default(15 * 60_000)
    .describe(
      'Closes a connection that was silent for so long; under the agent’s own 10 minutes lines are lost without a trace.'
    ),
  maxConnections: z
    .int()
    .min(1)
    .default(50_000)
    .describe('Most connections at once; the platform opens one per app and VM. Further ones are refused and counted.'),
  drainMs: durationOption(0, 6e4).default(2_000).describe('How long to read on at shutdown after accepting has ended.')
})
export type SyslogOptions = z.infer<typeof syslogOptions>
