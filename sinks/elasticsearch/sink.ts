import type { Refusal, Refusals, Sink } from '../../src/core/contract.ts'
import { CulvertError } from '../../src/core/errors.ts'
import type { Event } from '../../src/core/event.ts'
import { bulkOf } from './bulk.ts'
import { createBulkRequests } from './bulk-request.ts'
import { callError, createClient } from './client.ts'
import { dataStreamName } from './data-stream.ts'
import { documentOf } from './document.ts'
import type { DocumentEvent } from './fixed-fields.ts'
import { createLookup } from './lookup.ts'
import { type ElasticsearchOptions, elasticsearchOptions } from './options.ts'
import { createReplace } from './replace.ts'
import { safeDocumentOf } from './safe-form.ts'
import { installTemplates } from './template-install.ts'

/** Turns a batch of logs and platform events into the body of a bulk request. */
export interface BulkEncoder {
  encode(batch: readonly Event[]): Buffer
  /** Nobody reads what `encode` gave any more: its memory may be used again. */
  release?(body: Buffer): void
}

/** Encodes any event by way of its document. */
export const generalEncoder: BulkEncoder = {
  encode: batch => bulkOf(batch.filter(isDocumentEvent).map(event => ({ id: event.id, document: documentOf(event) })))
}

const isDocumentEvent = (event: Event): event is DocumentEvent => event.kind === 'log' || event.kind === 'event'

/**
 * Logs and platform events as documents of the data stream `logs-cloudfoundry.<dataset>-<namespace>`.
 *
 * `create` with the event's id: what comes twice to one backing index is stored once, and counted as duplicate; what may lie in another
 * one is asked for (`known`). A document that Elasticsearch blames (400) is
 * sent once more in safe form with the same id; only if that fails too is it rejected. Every other refusal of a document (401, 403, 404,
 * 429, 5xx) is the lane's to retry: a write block answers 403 for each of them and says nothing against them.
 */
export function createElasticsearchSink(given: ElasticsearchOptions, encoder: BulkEncoder = generalEncoder): Sink {
  const options = elasticsearchOptions.parse(given)
  const client = createClient(options)
  const dataStream = dataStreamName(options.dataset, options.namespace)
  const requests = createBulkRequests(client, dataStream)
  const lookUp = createLookup(client, dataStream)
  let templatesChecked = false

  async function checkTemplates(signal: AbortSignal): Promise<void> {
    if (templatesChecked || options.templates === 'skip') return
    await installTemplates(client, options.retention, signal).catch(error => {
      throw templateError(error)
    })
    templatesChecked = true
  }

  /** The right to look things up is wanted when something has gone wrong: whoever lacks it should hear of it before. */
  async function checkRights(signal: AbortSignal): Promise<void> {
    await lookUp([], signal).catch(error => {
      signal.throwIfAborted()
      if (callError(error).code === 'SINK_UNAUTHORIZED') throw error
    })
  }

  async function write(batch: readonly Event[], signal: AbortSignal): Promise<Refusals> {
    await checkTemplates(signal)
    const retry: Refusal[] = []
    const rejected: Refusal[] = []
    const malformed: { index: number; id: string; document: object }[] = []
    let duplicates = 0

    // After a failure the connection may still hold the bytes: then they are left to the garbage collector.
    const body = encoder.encode(batch)
    const verdicts = await requests.send(body, batch.length, signal)
    encoder.release?.(body)

    for (const [index, { verdict, status, reason }] of verdicts) {
      const event = batch[index]!
      if (verdict === 'duplicate') duplicates++
      else if (verdict === 'retry') retry.push({ index, reason, ...unlessRefused(status) })
      else if (isDocumentEvent(event)) malformed.push({ index, id: event.id, document: safeDocumentOf(event, reason) })
      if (status === 404) templatesChecked = false // somebody deleted them: the next write puts them back
    }

    if (malformed.length > 0) {
      for (const [place, { verdict, status, reason }] of await requests.sendSafe(malformed, signal)) {
        const refusal = { index: malformed[place]!.index, reason }
        if (verdict === 'duplicate') duplicates++
        else if (verdict === 'retry') retry.push({ ...refusal, ...unlessRefused(status) })
        else rejected.push(refusal)
      }
    }
    return { retry, rejected, duplicates }
  }

  const replace = createReplace({ lookUp, requests: createBulkRequests(client, dataStream, 'backing indices'), write })

  return {
    kind: 'elasticsearch',
    limits: {
      maxEvents: options.maxBatchEvents,
      maxBytes: options.maxBatchBytes,
      maxAgeMs: options.maxBatchAgeMs,
      maxInFlight: options.maxInFlight
    },
    accepts: isDocumentEvent,
    async start(signal) {
      await checkTemplates(signal)
      await checkRights(signal)
    },

    write,

    async known(events, signal) {
      const places = await lookUp(idsOf(events), signal)
      return new Set(places.map(({ id }) => id))
    },

    replace: (events, signal) => replace(events.filter(isDocumentEvent), signal),

    async stop() {
      await client.close()
    }
  }
}

const idsOf = (events: readonly Event[]): string[] => events.map(({ id }) => id)

/** A document with 5xx, or without an answer, may have been stored; what is answered 4xx has not. */
const unlessRefused = (status: number | undefined): { uncertain?: true } =>
  status === undefined || status >= 500 ? { uncertain: true } : {}

/** Always retryable, and nothing that the lane could halve: whatever it is, somebody must put it right. */
function templateError(error: unknown): CulvertError {
  const { code, message, retryAfterMs, cause } = callError(error)
  return new CulvertError(
    code === 'SINK_UNAUTHORIZED' ? code : 'SINK_UNAVAILABLE',
    `Index templates could not be installed. ${message}`,
    { cause, retryable: true, retryAfterMs }
  )
}
