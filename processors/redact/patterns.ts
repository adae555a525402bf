import type { Detector } from './detector.ts'

/** An operator's own expression as a detector: all that it matches is replaced. */
export function patternDetector(pattern: RegExp): Detector {
  const every = new RegExp(pattern.source, `${pattern.flags.replace(/[gy]/g, '')}g`)
  const literal = leadingLiteral(pattern)
  return {
    name: 'pattern',
    about: '',
    needles: literal === undefined ? [] : [{ text: literal }],
    redact: (text, mask) => text.replace(every, () => mask)
  }
}

/** Characters that mean themselves in an expression, and that JSON writes in one way only. */
const literal = /^(?:\\b)?((?:[A-Za-z0-9_=:@,;<>%&!~# -]|\\[.:=@,;&#-])+)/

/** What every match begins with, if it is seen at once: at least three characters. */
function leadingLiteral({ source, ignoreCase }: RegExp): string | undefined {
  if (ignoreCase || source.includes('|')) return undefined
  const [all = '', escaped = ''] = literal.exec(source) ?? []
  let text = escaped.replaceAll('\\', '')
  if (/^[*?{]/.test(source.slice(all.length))) text = text.slice(0, -1)
  return text.length >= 3 ? text : undefined
}
