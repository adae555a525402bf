import type { Through } from '../../../src/core/contract.ts'
import { type Event, LogEvent } from '../../../src/core/event.ts'
import { RecordBuilder, RecordView } from '../../../src/core/record.ts'
import type { Source } from '../../../src/core/source.ts'

export const linesPerBatch = 200
const start = Date.UTC(2026, 10, 24, 12)

const source: Source = {
  host: '',
  id: 'app',
  procid: '',
  app: { id: 'guid', name: 'app' },
  space: { id: '', name: '' },
  org: { id: '', name: '' },
  type: 'APP',
  fullType: 'APP',
  instance: '0',
  process: '',
  task: '',
  sidecar: '',
  revision: '',
  tags: {}
}

/** Batch `number` of an endless journal: the same content and ids whenever it is asked for. */
export function numberedBatch(number: number): { events: Event[]; through: Through } {
  const builder = new RecordBuilder(65_536)
  builder.beginRun(1)
  for (let i = 0; i < linesPerBatch; i++) {
    const length = builder.bytes.write(`batch ${number} line ${i}`, builder.end)
    builder.addFrame(builder.end, length)
    builder.end += length
  }
  const id = Buffer.alloc(21)
  id.writeUInt32BE(number, 11)
  const bytes = builder.finish(id, 'stream', 'syslog')
  bytes.writeDoubleLE(number, 16)
  bytes.writeDoubleLE(start + number, 24)
  const record = new RecordView(bytes, 0)
  const events = Array.from({ length: linesPerBatch }, (_, i) => {
    const from = record.frameStart(i)
    return new LogEvent(record, i, source, (start + number) * 1000 + i, 0, [], 14, from, from + record.frameLength(i))
  })
  const ledger = { received: 0, stored: number, duplicate: 0, joined: 0, folded: 0, filtered: 0, dead: 0, lost: 0 }
  return { events, through: { position: { partition: 0, offset: number + 1 }, note: { ledger, receiptTime: start } } }
}
