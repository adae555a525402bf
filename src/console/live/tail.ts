import type { LogRow } from '../../core/plain.ts'
import { ApiError } from '../api.ts'
import { pause } from '../pause.ts'
import { createSseParser } from '../sse.ts'

export type TailState = 'connecting' | 'live' | 'waiting'

export interface TailListener {
  /** `chars` is the length of the row's JSON. */
  row(row: LogRow, chars: number): void
  /** The server left out lines, because we were too slow. */
  dropped(count: number): void
  state(state: TailState): void
}

export interface TailWaits {
  /** A stream without a word for so long is dead: the server sends heartbeats. */
  readonly silenceMs: number
  /** Before the first new attempt to connect; doubles up to `longestMs`. */
  readonly firstMs: number
  readonly longestMs: number
}

export const tailWaits: TailWaits = { silenceMs: 45_000, firstMs: 500, longestMs: 10_000 }

/**
 * Reads the tail until `signal` aborts, and connects again when the stream ends or breaks. Gives up only on 401: then the console
 * asks for a token.
 */
export async function readTail(
  open: (signal: AbortSignal) => Promise<ReadableStream<Uint8Array<ArrayBuffer>>>,
  listener: TailListener,
  signal: AbortSignal,
  { silenceMs, firstMs, longestMs }: TailWaits = tailWaits
): Promise<void> {
  let waitMs = firstMs
  listener.state('connecting')
  while (!signal.aborted) {
    const connection = new AbortController()
    const end = () => connection.abort()
    signal.addEventListener('abort', end)
    try {
      const stream = await open(connection.signal)
      listener.state('live')
      waitMs = firstMs
      await readStream(stream, listener, silenceMs, end)
    } catch (error) {
      if (error instanceof ApiError && error.status === 401) return
    } finally {
      signal.removeEventListener('abort', end)
      end()
    }
    if (signal.aborted) return
    listener.state('waiting')
    await pause(waitMs, signal)
    waitMs = Math.min(waitMs * 2, longestMs)
  }
}

async function readStream(
  stream: ReadableStream<Uint8Array<ArrayBuffer>>,
  listener: TailListener,
  silenceMs: number,
  onSilence: () => void
): Promise<void> {
  const parser = createSseParser()
  const reader = stream.pipeThrough(new TextDecoderStream()).getReader()
  let timer = setTimeout(onSilence, silenceMs)
  try {
    for (let chunk = await reader.read(); !chunk.done; chunk = await reader.read()) {
      clearTimeout(timer)
      timer = setTimeout(onSilence, silenceMs)
      for (const { event, data } of parser.push(chunk.value)) {
        if (event === 'log') listener.row(JSON.parse(data), data.length)
        else if (event === 'dropped') listener.dropped(Number(JSON.parse(data).count) || 0)
      }
    }
  } finally {
    clearTimeout(timer)
  }
}
