import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { accessSync, constants } from 'node:fs'
import { delimiter, join } from 'node:path'
import { createGuard } from './guard.ts'

const OUTPUT_KEPT = 8_000

/** The first file named `command` on PATH that can be run. */
export function findCommand(command: string): string | undefined {
  for (const folder of (process.env.PATH ?? '').split(delimiter)) {
    const path = join(folder, command)
    try {
      accessSync(path, constants.X_OK)
      return path
    } catch {}
  }
  return undefined
}

/** Throws one error that names every missing command, with how to get it. */
export function requireCommands(purpose: string, commands: Record<string, string>): void {
  const missing = Object.entries(commands).filter(([command]) => !findCommand(command))
  if (missing.length === 0) return
  const lines = missing.map(([command, how]) => `  ${command}: ${how}`)
  throw new Error(`${purpose} needs what this machine has not got:\n${lines.join('\n')}`)
}

/** Runs a command to its end and gives its output. Throws with the end of the output when it fails. */
export async function run(
  command: string,
  args: string[],
  options: { cwd?: string; env?: NodeJS.ProcessEnv } = {}
): Promise<string> {
  const guard = createGuard()
  try {
    const child = spawn(command, args, { ...options, detached: true, stdio: ['ignore', 'pipe', 'pipe'] })
    guard.watch(child.pid)
    let output = ''
    const keep = (chunk: string) => {
      output = (output + chunk).slice(-OUTPUT_KEPT)
    }
    child.stdout.setEncoding('utf8').on('data', keep)
    child.stderr.setEncoding('utf8').on('data', keep)
    const [code, signal] = await once(child, 'close') // rejects when the command cannot be started
    guard.watch()
    if (code !== 0) throw new Error(`${command} ${args.join(' ')} ended with ${code ?? signal}:\n${output}`)
    return output
  } finally {
    await guard.end()
  }
}
