import { parentPort } from 'node:worker_threads'
import type { FromWorker } from '../../src/delivery-messages.ts'

/** Says that all is well, and dies. */
const status: FromWorker = {
  type: 'status',
  lanes: [],
  sources: 0,
  decodedBytes: 0,
  marks: {},
  processors: [],
  rates: []
}
parentPort?.postMessage(status)
throw new Error('nothing works')
