import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'

const script = fileURLToPath(new URL('append-until-killed.ts', import.meta.url))

/** Runs append-until-killed.ts; `wrap` is a shell's words before it. */
export function startAppender(args: readonly string[], wrap = '') {
  const command = `${wrap} exec "$0" "$@"`
  const child: ChildProcess = spawn('sh', ['-c', command, process.execPath, script, ...args], {
    stdio: ['ignore', 'pipe', 'inherit']
  })
  const exited = once(child, 'close')
  let output = ''
  let lines = 0
  let wanted = Number.POSITIVE_INFINITY
  let reached: () => void = () => undefined
  child.stdout?.setEncoding('utf8').on('data', (text: string) => {
    output += text
    lines += text.split('\n').length - 1
    if (lines >= wanted) reached()
  })

  const results = (): { result: string; id: string }[] =>
    output
      .slice(0, output.lastIndexOf('\n'))
      .split('\n')
      .map(line => ({ result: line.split(' ')[0]!, id: line.split(' ')[1]! }))

  return {
    /** Resolves when so many appends have settled. */
    settled: (count: number): Promise<void> =>
      new Promise((resolve, reject) => {
        wanted = count
        reached = resolve
        void exited.then(() => reject(new Error(`the appender ended after ${lines} appends: ${output}`)))
        if (lines >= wanted) resolve()
      }),
    async kill() {
      child.kill('SIGKILL')
      await exited
      return results()
    },
    async ended() {
      await exited
      return results()
    }
  }
}
