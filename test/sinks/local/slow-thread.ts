import { serve } from '../../../sinks/local/serve.ts'

/** Answers at once, never, or by ending. */
const methods = {
  echo: (value: string) => value,
  hang: (): string => Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0), // stuck, and leaves the processor alone
  fail: (): string => {
    throw new Error('an unexpected failure')
  },
  exit: (): string => process.exit(3)
}
export type SlowMethods = typeof methods

serve(methods)
