import { readFileSync } from 'node:fs'

const pem = (file: string) => readFileSync(new URL(`./certificates/${file}`, import.meta.url), 'utf8')

/** Certificates for tests, made by certificates/make.sh: the server's name is localhost or 127.0.0.1. */
export const certificates = {
  ca: pem('ca.pem'),
  server: { cert: pem('server.pem'), key: pem('server.key') },
  client: { cert: pem('client.pem'), key: pem('client.key') },
  /** A client of an authority that nobody trusts. */
  strangeClient: { cert: pem('strange-client.pem'), key: pem('strange-client.key') }
} as const
