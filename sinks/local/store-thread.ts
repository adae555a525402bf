import { workerData } from 'node:worker_threads'
import { serve, warn } from './serve.ts'
import { createStore } from './store.ts'

/** The store's thread: node:sqlite is synchronous, a batch takes some ten ms. */
const store = createStore(workerData, warn)

const methods = { open: store.open, write: store.write, cursor: store.cursor, close: store.close }
export type StoreMethods = typeof methods

serve(methods)
