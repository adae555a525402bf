import type { Source } from '../../src/core/source.ts'
import { type Piece, piece } from './json-out.ts'
import { sourceFragment } from './source-fragment.ts'

const fragments = new WeakMap<Source, Piece>()

/** `,"cloudfoundry":{…` of a log of this source, without the closing brace: made once for each source. */
export function fragmentOf(source: Source): Piece {
  let fragment = fragments.get(source)
  if (fragment === undefined) {
    fragment = piece(`,"cloudfoundry":${JSON.stringify(sourceFragment(source, 'log')).slice(0, -1)}`)
    fragments.set(source, fragment)
  }
  return fragment
}
