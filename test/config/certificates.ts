import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

export interface Certificates {
  readonly dir: string
  readonly ca: string
  readonly server: { readonly cert: string; readonly key: string }
  readonly client: { readonly cert: string; readonly key: string }
  remove(): void
}

/** A CA, a server certificate for localhost and 127.0.0.1 and a client certificate, made by openssl in a folder of their own. */
export function makeCertificates(): Certificates {
  const dir = mkdtempSync(join(tmpdir(), 'culvert-certificates-'))
  const openssl = (...args: string[]) => execFileSync('openssl', args, { cwd: dir, stdio: 'ignore' })
  const read = (name: string) => readFileSync(join(dir, name), 'utf8')
  const keyOf = (name: string) => [
    '-newkey',
    'ec',
    '-pkeyopt',
    'ec_paramgen_curve:P-256',
    '-nodes',
    '-keyout',
    `${name}.key`
  ]
  openssl('req', '-x509', ...keyOf('ca'), '-out', 'ca.crt', '-days', '2', '-subj', '/CN=culvert test CA')
  for (const name of ['server', 'client']) {
    const names = ['-addext', 'subjectAltName=DNS:localhost,IP:127.0.0.1']
    const signed = ['-CA', 'ca.crt', '-CAkey', 'ca.key', '-days', '2', '-out', `${name}.crt`]
    openssl('req', '-x509', ...keyOf(name), '-subj', `/CN=${name}`, ...names, ...signed)
  }
  const pair = (name: string) => ({ cert: read(`${name}.crt`), key: read(`${name}.key`) })
  return {
    dir,
    ca: read('ca.crt'),
    server: pair('server'),
    client: pair('client'),
    remove: () => rmSync(dir, { recursive: true, force: true })
  }
}
