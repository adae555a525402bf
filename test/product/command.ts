import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { onTestFinished } from 'vitest'
import type { Product } from './product.ts'

const cli = join(import.meta.dirname, '../..', 'src', 'cli.ts')

/** A command of the product's own, with its settings; killed where the test is over before it. */
export function startCommand(product: Product, ...args: string[]) {
  const env = { ...process.env, CULVERT_DATA_DIR: product.dataDir, PORT: new URL(product.http).port }
  const child = spawn(process.execPath, [cli, ...args], { env, stdio: ['ignore', 'pipe', 'pipe'] })
  onTestFinished(() => void child.kill('SIGKILL'))
  const done = Promise.all([text(child.stdout), text(child.stderr), once(child, 'exit')])
  return {
    interrupt: () => void child.kill('SIGINT'),
    /** Exit code and all that it said. */
    ended: done.then(([out, err, [code]]) => ({ code: code as number | null, out, err }))
  }
}

export const runCommand = (product: Product, ...args: string[]) => startCommand(product, ...args).ended
