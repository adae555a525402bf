import fc from 'fast-check'

const isSurrogate = (point: number): boolean => point >= 0xd800 && point <= 0xdfff

/**
 * Any character of Unicode, as the `unit` of `fc.string`. fast-check's own 'binary' is the same, but to shrink it builds a table of all
 * 1.1 million of them, which takes a second.
 */
export const anyCharacter: fc.Arbitrary<string> = fc
  .nat(0x10ffff)
  .filter(point => !isSurrogate(point))
  .map(point => String.fromCodePoint(point))
