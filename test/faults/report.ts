import { transports } from './evidence.ts'
import type { Finding, Row, Verdict } from './verdict.ts'

const maxFindings = 40
/** Of one connection or POST. */
const maxFindingsOfOne = 3

const columns: readonly (readonly [title: string, of: keyof Row])[] = [
  ['sent', 'sent'],
  ['acknowledged', 'acknowledged'],
  ['elasticsearch', 'elasticsearch'],
  ['influxdb', 'influxdb'],
  ['dead', 'dead'],
  ['duplicates', 'duplicates'],
  ['lost', 'lost']
]

/** The verdict as people read it, line by line. */
export function linesOf({ rows, findings, repeated, lettersTwice }: Verdict): string[] {
  const sum = (of: keyof Row): number => transports.reduce((total, transport) => total + rows[transport][of], 0)
  const cells = (first: string, rest: readonly (string | number)[]): string =>
    `  ${first.padEnd(12)}${rest.map((cell, i) => format(cell).padStart(columns[i]![0].length + 4)).join('')}`
  const shown = someOf(findings)
  return [
    cells(
      'frames',
      columns.map(([title]) => title)
    ),
    ...transports.map(transport =>
      cells(
        transport,
        columns.map(([, of]) => rows[transport][of])
      )
    ),
    cells(
      'all',
      columns.map(([, of]) => sum(of))
    ),
    '',
    `  ${format(sum('sent') - sum('acknowledged'))} lines were on connections that ended before Culvert had them; those have no acknowledgement.`,
    `  ${format(sum('resent'))} lines of broken connections were sent again, ${format(sum('resentHeldTwice'))} of them had come before.`,
    `  ${format(sum('cut'))} were cut off, ${format(repeated)} answered POSTs came again, ${format(lettersTwice)} dead letters are there twice.`,
    ...shown.map(({ number, what, where }) => `  ${what}: N=${number} ${where}`),
    ...(findings.length > shown.length ? [`  … and ${format(findings.length - shown.length)} more`] : [])
  ]
}

/** Some of each connection and POST. */
function someOf(findings: readonly Finding[]): readonly Finding[] {
  const shown = new Map<string, number>()
  const isNew = ({ what, where }: Finding): boolean => {
    const [over = ''] = where.split(',')
    const times = (shown.get(`${what} ${over}`) ?? 0) + 1
    shown.set(`${what} ${over}`, times)
    return times <= maxFindingsOfOne
  }
  return findings.filter(isNew).slice(0, maxFindings)
}

const format = (cell: string | number): string => (typeof cell === 'number' ? cell.toLocaleString('en-US') : cell)
