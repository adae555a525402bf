import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { documentOf } from '../../../sinks/elasticsearch/document.ts'
import type { DocumentEvent } from '../../../sinks/elasticsearch/fixed-fields.ts'
import { eventsOf } from '../wire-events.ts'

const cases = join(import.meta.dirname, '../../cases/elasticsearch-document')

/** One frame each, and its document in the order in which it is printed. */
test.each(readdirSync(cases))('%s', name => {
  const [event] = eventsOf([readFileSync(join(cases, name, 'input'))], Buffer.alloc(21))
  const document = JSON.stringify(documentOf(event as DocumentEvent), undefined, 2)
  expect(document).toBe(readFileSync(join(cases, name, 'expected.json'), 'utf8').trimEnd())
})
