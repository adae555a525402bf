import { constants, zstdCompressSync, zstdDecompressSync } from 'node:zlib'

export const maxBlockRows = 128
/** In characters of lines; a single longer line is a block of its own. */
export const maxBlockLength = 262_144

/** Lines that are kept and compressed together: columns of what is filtered by, and the lines (line.ts). */
export interface Block {
  /** µs since 1970. */
  readonly micros: readonly number[]
  readonly ties: readonly number[]
  /** Index into `levels`. */
  readonly levels: readonly number[]
  /** Ids of the file's sources. */
  readonly sources: readonly number[]
  readonly lines: readonly string[]
}

const options = { params: { [constants.ZSTD_c_compressionLevel]: 1 } }

/** One line of JSON with the columns, then the lines, as zstd. */
export const encodeBlock = ({ micros, ties, levels, sources, lines }: Block): Uint8Array =>
  zstdCompressSync(`${JSON.stringify([micros, ties, levels, sources])}\n${lines.join('\n')}`, options)

export function decodeBlock(data: Uint8Array): Block {
  const [columns = '', ...lines] = zstdDecompressSync(data).toString('utf8').split('\n')
  const [micros, ties, levels, sources] = JSON.parse(columns)
  return { micros, ties, levels, sources, lines }
}
