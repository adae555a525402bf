import { z } from 'zod'
import { syslogOptions } from '../../ingest/syslog-options.ts'
import { bytesOption } from '../core/quantity-options.ts'
import { type Component, component, type Fillable } from './component.ts'

const port = z.int().min(0).max(65_535)

/** PEM, or the path of a file that holds it; what is left out comes from CULVERT_TLS_CERT and its like. */
const tls = z
  .strictObject({
    cert: z.string().min(1).exactOptional().describe('Certificate, followed by its intermediates.'),
    key: z.string().min(1).exactOptional().describe('Private key of the certificate, without a passphrase.'),
    clientCa: z.string().min(1).exactOptional().describe('CA of client certificates; makes them required.')
  })
  .exactOptional()

/** The options of each listener, by its kind. */
export const ingestSchemas = {
  syslog: syslogOptions.omit({ drainMs: true }).extend({
    port: port.exactOptional().describe('Port to listen on; 5514 without TLS, 6514 with; 0 takes a free one.'),
    tls: tls.describe(
      'Makes the listener speak TLS; each of cert, key and clientCa is PEM, or the path of a file that holds it.'
    )
  }),
  httpsDrain: z.strictObject({
    user: z.string().min(1).exactOptional().describe('User of the drain; without it the drain is open.'),
    password: z.string().min(1).exactOptional().describe('Password of the drain, as it is before percent-encoding.'),
    acknowledge: z
      .enum(['stored', 'delivered'])
      .exactOptional()
      .describe(
        'When a POST is answered with 2xx: `stored` when the journal has it, `delivered` when every sink has it.'
      ),
    port: port.exactOptional().describe('Port of HTTPS, open when there is a certificate.'),
    tls: tls.describe(
      'Certificate of HTTPS; each of cert, key and clientCa is PEM, or the path of a file that holds it.'
    ),
    maxBodyBytes: bytesOption(64 * 1024, 8 * 2 ** 20)
      .exactOptional()
      .describe('Largest body of a POST to the drain; a larger one is answered with 413.')
  })
}
export type IngestKind = keyof typeof ingestSchemas
export type IngestComponent = Component<IngestKind>

/** Syslog over TCP, or with `tls` over TLS; a file may have one of each. */
export const syslog = (options: Fillable<z.input<typeof ingestSchemas.syslog>> = {}): IngestComponent =>
  component('syslog', options)

/** POSTs to the drain on the HTTP port and, with a certificate, on a port of HTTPS. */
export const httpsDrain = (options: Fillable<z.input<typeof ingestSchemas.httpsDrain>> = {}): IngestComponent =>
  component('httpsDrain', options)
