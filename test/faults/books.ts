import type { Ledger } from '../../src/core/contract.ts'
import type { Status } from '../../src/core/status.ts'
import type { Holdings } from './verdict.ts'

/** What is wrong with Culvert's own books, in sentences: they must balance, and agree with what the stores hold. */
export function auditBooks({ lanes }: Pick<Status, 'lanes'>, holdings: Holdings): string[] {
  const wrong: string[] = []
  const expect = (fits: boolean, sentence: string): void => void (fits || wrong.push(sentence))
  const ledgers = new Map(lanes.map(({ name, ledger }) => [name, ledger]))
  for (const { name, ledger, inFlight } of lanes) {
    const { received, lost } = ledger
    expect(received === settled(ledger), `${name}: ${received} received are not ${JSON.stringify(ledger)}`)
    expect(lost === 0 && inFlight === 0, `${name}: ${lost} lost and ${inFlight} in flight`)
    expect(
      received === lanes[0]?.ledger.received,
      `${name}: ${received} received, and others ${lanes[0]?.ledger.received}`
    )
  }
  // A repeated POST whose first copy is gone from the full journal is not recognised by a lane that begins anew: the stores do, and what
  // it has besides documents is counted again.
  const documents = holdings.elasticsearch.size
  const { stored = 0, duplicate = 0 } = ledgers.get('elasticsearch') ?? {}
  expect(
    stored <= documents && documents <= stored + duplicate,
    `elasticsearch: ${stored} stored and ${duplicate} duplicates for ${documents} documents`
  )
  const points = holdings.influxdb.size
  const written = ledgers.get('influxdb')?.stored ?? 0
  expect(points <= written, `influxdb: ${written} stored for ${points} points`)
  const dead = lanes.reduce((sum, { ledger }) => sum + ledger.dead, 0)
  expect(holdings.dead.size <= dead, `${dead} dead for ${holdings.dead.size} frames with dead letters`)
  const kept = documents + points + holdings.dead.size
  const received = lanes[0]?.ledger.received ?? 0
  expect(kept <= received, `${received} received, and ${kept} are kept`)
  return wrong
}

const settled = ({ stored, duplicate, joined, folded, filtered, dead, lost }: Ledger): number =>
  stored + duplicate + joined + folded + filtered + dead + lost
