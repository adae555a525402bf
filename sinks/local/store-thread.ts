import { workerData } from 'node:worker_threads'
import { CulvertError, messageOf } from '../../src/core/errors.ts'
import { serve, warn } from './serve.ts'
import { createStore } from './store.ts'

/** The store's thread: node:sqlite is synchronous, a batch takes some ten ms. */
const store = createStore(workerData, warn)

/** SQLite's own errors are plain ones: what is none will come again with the same batch, and the lane looks for the event. */
const write: typeof store.write = batch => {
  try {
    return store.write(batch)
  } catch (error) {
    if (!(error instanceof TypeError || error instanceof RangeError)) throw error
    throw new CulvertError('INTERNAL', messageOf(error), { cause: error, retryable: true })
  }
}

const methods = { open: store.open, write, cursor: store.cursor, close: store.close }
export type StoreMethods = typeof methods

serve(methods)
