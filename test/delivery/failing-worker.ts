import { BroadcastChannel, workerData } from 'node:worker_threads'
import '../../src/delivery-worker.ts'

/** The delivery worker, in which what no processor should do happens when a test says so, on the channel that the environment names. */
const failures: Record<string, () => void> = {
  'an error': () => {
    setImmediate(() => {
      throw new Error('a bug of a user')
    })
  },
  'a rejection': () => void Promise.reject(new Error('a bug of a user')),
  'an exit': () => process.exit(3),
  'no memory': () => {
    const hoard: object[] = []
    for (;;) hoard.push({ hoard: hoard.length })
  }
}

const channel = new BroadcastChannel(workerData.env.FAILURES)
channel.onmessage = ({ data }) => failures[data]?.()
channel.unref()
