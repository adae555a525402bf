import { createPrivateKey, X509Certificate } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { messageOf } from '../core/errors.ts'

export type ReadFile = (path: string) => string

export const readTextFile: ReadFile = path => readFileSync(path, 'utf8')

/** Reads the settings that hold PEM or the path of a file with it, and checks them; what is wrong goes to `problems`. */
export function createPemReader(given: Readonly<Record<string, string>>, read: ReadFile, problems: string[]) {
  function take(key: string, check: (pem: string) => unknown): string | undefined {
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
  return {
    certificate: (key: string) => take(key, pem => new X509Certificate(pem)),
    privateKey: (key: string) => take(key, createPrivateKey)
  }
}
export type PemReader = ReturnType<typeof createPemReader>

/** Variables often hold PEM with `\n` written out, because their store knows only single lines. */
const pemOf = (value: string, read: ReadFile): string =>
  value.includes('-----BEGIN') ? value.replaceAll('\\n', '\n') : read(value)

/** Without the value: a key given by mistake as base64 would be printed as a path. */
const reasonOf = (error: unknown): string =>
  error instanceof Error && 'code' in error && 'syscall' in error
    ? `is a file that cannot be read (${error.code})`
    : `does not hold what it should (${messageOf(error)})`
