import { createDecoder } from '../../processors/decode.ts'
import { jsonLog } from '../../processors/json-log.ts'
import { routerLog } from '../../processors/router-log.ts'
import type { Event } from '../../src/core/event.ts'
import { createGeneration } from '../../src/core/identity.ts'
import { headerBytes, RecordBuilder, RecordView } from '../../src/core/record.ts'

/** 2026-11-24T04:30:00Z */
export const receiptTime = Date.UTC(2026, 10, 24, 4, 30)
const generation = createGeneration()

/** The record that ingest makes of frames, as read from a journal. Ids are new at each call, unless `id` is given. */
export function recordOf(frames: readonly (string | Buffer)[], id = generation.next()): RecordView {
  const bytes = frames.map(frame => Buffer.from(frame))
  const size = bytes.reduce((sum, { length }) => sum + length, headerBytes)
  const builder = new RecordBuilder(size + frames.length * 8 + 64)
  builder.beginRun(1)
  for (const frame of bytes) {
    frame.copy(builder.bytes, builder.end)
    builder.addFrame(builder.end, frame.length)
    builder.end += frame.length
  }
  const record = builder.finish(id, 'stream', 'syslog')
  record.writeDoubleLE(receiptTime, 24)
  return new RecordView(record, 0)
}

/** The events that sinks get for frames: decoded, with router lines and app JSON read. */
export function eventsOf(frames: readonly (string | Buffer)[], id?: Buffer): readonly Event[] {
  const processors = [routerLog(), jsonLog()]
  return processors.reduce<readonly Event[]>(
    (events, processor) => processor.process(events, receiptTime),
    createDecoder().decode(recordOf(frames, id))
  )
}

export const appId = '0f6f1f2c-6d6c-4f0b-9a53-2f1f0b6f7a11'

/** A frame of an app instance's line, as the agent writes it. */
export const appLine = (text: string, time = '2026-11-24T04:29:03.785942+00:00'): string =>
  `<14>1 ${time} acme.prod-space.shop-api ${appId} [APP/PROC/WEB/2] - ` +
  `[tags@47450 app_id="${appId}" app_name="shop-api" origin="rep" process_type="web" source_type="APP/PROC/WEB"] ${text}\n`
