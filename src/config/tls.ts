import { createPrivateKey, X509Certificate } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { messageOf } from '../core/errors.ts'

/** What a TLS listener needs, all PEM; a client CA makes client certificates required. */
export interface Tls {
  readonly cert: string
  readonly key: string
  readonly clientCa?: string
}

export type ReadFile = (path: string) => string

export const readTextFile: ReadFile = path => readFileSync(path, 'utf8')

/** The PEM texts behind CULVERT_TLS_…, checked; what is wrong goes to `problems`. Undefined without a certificate. */
export function readTls(given: Readonly<Record<string, string>>, read: ReadFile, problems: string[]): Tls | undefined {
  const take = (key: string, check: (pem: string) => void): string | undefined => {
    const value = given[key]
    if (value === undefined) return undefined
    try {
      const pem = pemOf(value, read)
      check(pem)
      return pem
    } catch (error) {
      problems.push(`${key}: ${reasonOf(error)}; it may be PEM text, or the path of a file that holds it`)
      return undefined
    }
  }
  const certificate = (pem: string) => new X509Certificate(pem)
  const cert = take('CULVERT_TLS_CERT', certificate)
  const key = take('CULVERT_TLS_KEY', pem => createPrivateKey(pem))
  const clientCa = take('CULVERT_TLS_CLIENT_CA', certificate)
  if (cert === undefined || key === undefined) return undefined
  if (!new X509Certificate(cert).checkPrivateKey(createPrivateKey(key))) {
    problems.push('CULVERT_TLS_KEY: is not the key of the certificate in CULVERT_TLS_CERT')
  }
  return clientCa === undefined ? { cert, key } : { cert, key, clientCa }
}

/** Variables often hold PEM with `\n` written out, because their store knows only single lines. */
const pemOf = (value: string, read: ReadFile): string =>
  value.includes('-----BEGIN') ? value.replaceAll('\\n', '\n') : read(value)

/** Without the value: a key given by mistake as base64 would be printed as a path. */
const reasonOf = (error: unknown): string =>
  error instanceof Error && 'code' in error && 'syscall' in error
    ? `is a file that cannot be read (${error.code})`
    : `does not hold what it should (${messageOf(error)})`
