import { spawn } from 'node:child_process'
import { once } from 'node:events'

/**
 * Reads process groups from its input, one a line, an empty line for none. At the end of the input, which comes when its parent says so
 * or dies in whatever way, it ends the group named last and removes the folder.
 */
const SCRIPT = `
while read -r line; do group=$line; done
[ -z "$group" ] || kill -s KILL -- "-$group" 2>/dev/null
[ -z "$1" ] || rm -rf -- "$1"
`

export interface Guard {
  /** The process group to end when this process is gone; without one, none. */
  watch(group?: number): void
  /** Ends the group and removes the folder now. */
  end(): Promise<void>
}

/**
 * Sees to it that nothing is left behind, also when this process is killed and can do nothing itself: a shell of its own process group
 * that waits for the end of a pipe. Signal handlers would not run after SIGKILL, nor in a test runner's worker.
 */
export function createGuard(folder = ''): Guard {
  const shell = spawn('/bin/sh', ['-c', SCRIPT, 'guard', folder], {
    detached: true,
    stdio: ['pipe', 'ignore', 'ignore']
  })
  const gone = once(shell, 'exit')
  shell.unref()
  shell.stdin.on('error', () => {}) // the shell was killed: nothing to tell it any more
  return {
    watch(group) {
      shell.stdin.write(`${group ?? ''}\n`)
    },
    async end() {
      shell.ref()
      shell.stdin.end()
      await gone
    }
  }
}
