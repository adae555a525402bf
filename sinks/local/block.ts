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

export interface DecodedBlock extends Omit<Block, 'lines'> {
  /** All lines, with line feeds between. */
  readonly text: string
}

export function decodeBlock(data: Uint8Array): DecodedBlock {
  const content = zstdDecompressSync(data).toString('utf8')
  const end = content.indexOf('\n')
  const [micros, ties, levels, sources] = JSON.parse(content.slice(0, end))
  return { micros, ties, levels, sources, text: content.slice(end + 1) }
}
