import { createPrivateKey, X509Certificate } from 'node:crypto'
import type { PemReader } from './pem.ts'

/** What a TLS listener needs, all PEM; a client CA makes client certificates required. */
export interface Tls {
  readonly cert: string
  readonly key: string
  readonly clientCa?: string
}

/** What CULVERT_TLS_… say; undefined without a certificate. What is wrong goes to `problems`. */
export function readTls(pems: PemReader, problems: string[]): Tls | undefined {
  const cert = pems.certificate('CULVERT_TLS_CERT')
  const key = pems.privateKey('CULVERT_TLS_KEY')
  const clientCa = pems.certificate('CULVERT_TLS_CLIENT_CA')
  if (cert === undefined || key === undefined) return undefined
  if (!new X509Certificate(cert).checkPrivateKey(createPrivateKey(key))) {
    problems.push('CULVERT_TLS_KEY: is not the key of the certificate in CULVERT_TLS_CERT')
  }
  return clientCa === undefined ? { cert, key } : { cert, key, clientCa }
}
