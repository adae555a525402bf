import { once } from 'node:events'
import { createReadStream, createWriteStream } from 'node:fs'
import { createInterface } from 'node:readline'

export const transports = ['tcp', 'tls', 'https', 'https-batch'] as const
export type Transport = (typeof transports)[number]

/** Where a frame belongs: a store, or its dead letters, since the store refuses it in every form. */
export const places = ['elasticsearch', 'influxdb', 'dead'] as const
export type Place = (typeof places)[number]

/** A frame's number, which is in it, and where it belongs. */
export type NumberedPlace = readonly [number: number, place: Place]

/**
 * What was sent and what was acknowledged, one entry a line, in order of time: all that the verdict knows besides what the stores hold. Frames are
 * numbered; one that an agent sends again over its next connection has a number of its own.
 */
export type Entry =
  | { readonly opened: string; readonly transport: Transport; readonly life: number | undefined }
  /** `again`: the number that the line had when its connection broke. `cut`: the connection was cut within this frame. */
  | { readonly sent: number; readonly to: Place; readonly over: string; readonly again?: number; readonly cut?: true }
  /** Orderly: our end was answered with the other side's. */
  | { readonly closed: string; readonly orderly: boolean }
  | { readonly posted: string; readonly transport: Transport; readonly frames: readonly NumberedPlace[] }
  /** With 2xx. */
  | { readonly answered: string }
  /** An answered POST was sent again, byte for byte. */
  | { readonly repeated: string }
  /** A life of Culvert is over: stopped in order, or killed. */
  | { readonly ended: number; readonly inOrder: boolean }
  /** Whole in the journal at the end of a life. */
  | { readonly journalled: readonly number[] }

export interface Evidence {
  write(entry: Entry): void
  close(): Promise<void>
}

export function createEvidence(path: string): Evidence {
  const file = createWriteStream(path)
  return {
    write: entry => void file.write(`${JSON.stringify(entry)}\n`),
    async close() {
      file.end()
      await once(file, 'close')
    }
  }
}

export async function* readEvidence(path: string): AsyncGenerator<Entry> {
  for await (const line of createInterface({ input: createReadStream(path) })) yield JSON.parse(line)
}
