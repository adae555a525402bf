import { expect, test } from 'vitest'
import { isClean, readBulkAnswer } from '../../../sinks/elasticsearch/bulk-answer.ts'

const answer = (...creates: object[]) => ({ errors: true, items: creates.map(create => ({ create })) })
const verdicts = (body: unknown, sent: number) =>
  [...readBulkAnswer(body, sent)].map(([place, { verdict }]) => [place, verdict])

test('Elasticsearch blames a document with 400 only; everything else but 409 will pass', () => {
  const error = { type: 't', reason: 'r' }
  const statuses = [201, 409, 400, 401, 403, 404, 413, 429, 500, 503]
  expect(verdicts(answer(...statuses.map(status => (status === 201 ? { status } : { status, error }))), 10)).toEqual([
    [1, 'duplicate'],
    [2, 'malformed'],
    ...[3, 4, 5, 6, 7, 8, 9].map(place => [place, 'retry'])
  ])
})

test('a document in the failure store is not stored, though no error is reported', () => {
  const text = '{"errors":false,"items":[{"create":{"status":201}},{"create":{"status":201,"failure_store":"used"}}]}'
  expect(isClean(text)).toBe(false)
  expect(verdicts(JSON.parse(text), 2)).toEqual([[1, 'malformed']])
})

test('a clean answer is told from others without parsing its items', () => {
  expect(isClean('{"errors":false,"items":[{"create":{"status":201}}]}')).toBe(true)
  expect(isClean('{"errors":true,"items":[{"create":{"status":409}}]}')).toBe(false)
})

test('the reason is the store’s own words, causes included, and bounded', () => {
  const error = { type: 'document_parsing_exception', reason: 'x'.repeat(5000), caused_by: { reason: 'duplicate' } }
  const [verdict] = [...readBulkAnswer(answer({ status: 400, error }), 1).values()]
  expect(verdict?.reason).toBe(`400: document_parsing_exception: ${'x'.repeat(400)}: duplicate`)
})

test.each([
  ['another number of items', answer({ status: 201 })],
  ['something else', { ok: true }],
  ['text', '<html>']
])('%s is no answer: the batch is sent again', (_, body) => {
  expect(() => readBulkAnswer(body, 2)).toThrow(expect.objectContaining({ code: 'SINK_UNAVAILABLE', retryable: true }))
})
