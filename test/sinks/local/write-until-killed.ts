import { createLocalSink } from '../../../sinks/local/sink.ts'
import { numberedBatch } from './numbered-batch.ts'

/** Writes batch after batch from the stored cursor on, and prints the number of each that was acknowledged. */
const sink = createLocalSink({ dir: process.argv[2]!, maxFileBytes: '1 MiB' })
const { signal } = new AbortController()
await sink.start(signal)
let number = (await sink.cursor?.(0))?.offset ?? 0
for (;;) {
  const { events, through } = numberedBatch(number++)
  try {
    const { duplicates } = await sink.write(events, signal, through)
    console.log(duplicates === 0 ? number : `duplicates ${duplicates}`)
  } catch (error) {
    console.log(error instanceof Error && 'code' in error ? error.code : error)
    number--
  }
}
