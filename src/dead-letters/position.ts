import { z } from 'zod'
import { CulvertError } from '../core/errors.ts'
import { readName } from './files.ts'

/** Per lane where the older letters begin: before an offset of a file; an empty name where there are none. */
export type Position = Readonly<Record<string, readonly [file: string, offset: number]>>

const position = z.record(z.string(), z.tuple([z.string(), z.int().min(0)]))

export const writePosition = (given: Position): string => Buffer.from(JSON.stringify(given)).toString('base64url')

/** Throws QUERY_INVALID for what no page gave. */
export function readPosition(cursor: string): Position {
  try {
    const { data } = position.safeParse(JSON.parse(Buffer.from(cursor, 'base64url').toString('utf8')))
    if (data !== undefined && Object.values(data).every(([file]) => file === '' || readName(file) !== undefined))
      return data
  } catch {
    // no JSON
  }
  throw new CulvertError('QUERY_INVALID', 'cursor: may only be `next` of an earlier answer')
}
