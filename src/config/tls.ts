import { createPrivateKey, X509Certificate } from 'node:crypto'
import type { PemReader } from './pem.ts'

/** What a TLS listener needs, all PEM; a client CA makes client certificates required. */
export interface Tls {
  readonly cert: string
  readonly key: string
  readonly clientCa?: string
}

/** The settings that hold them, by the names that errors give them. */
export type TlsKeys = Readonly<Record<'cert' | 'key' | 'clientCa', string>>

export const tlsVariables: TlsKeys = {
  cert: 'CULVERT_TLS_CERT',
  key: 'CULVERT_TLS_KEY',
  clientCa: 'CULVERT_TLS_CLIENT_CA'
}

/** What the reader's settings of these names say; undefined without a certificate. What is wrong goes to `problems`. */
export function readTls(pems: PemReader, keys: TlsKeys, problems: string[]): Tls | undefined {
  const cert = pems.certificate(keys.cert)
  const key = pems.privateKey(keys.key)
  const clientCa = pems.certificate(keys.clientCa)
  if (cert === undefined || key === undefined) return undefined
  if (!new X509Certificate(cert).checkPrivateKey(createPrivateKey(key))) {
    problems.push(`${keys.key}: is not the key of the certificate in ${keys.cert}`)
  }
  return clientCa === undefined ? { cert, key } : { cert, key, clientCa }
}
