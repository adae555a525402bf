/**
 * The third process: what an Elasticsearch answers that takes everything at once. It counts documents by line feeds and looks at ids and
 * times only, so that the bench measures the product and not its stub.
 */
import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { createBulkReader } from './bulk-reader.ts'
import { answerCalls } from './calls.ts'
import { createStampReader, monotonicMicros } from './clock.ts'
import { createIdSet } from './id-set.ts'

/** The most samples that are kept: enough for minutes of the paced shapes. */
const maxSamples = 2_000_000

export interface StubCalls {
  listen: { asks: { readonly offset: number }; answers: { readonly port: number } }
  /** Latencies of documents with a time from `since` (µs) on are kept from now on. */
  measure: { asks: { readonly since: number }; answers: undefined }
  /** From now on it takes requests and never answers (`silent`), or is not there at all (`refusing`). */
  stall: { asks: { readonly how: Stall }; answers: undefined }
  /** Answers again. What it was asked meanwhile it has forgotten: those connections break. */
  goOn: { asks: undefined; answers: undefined }
  /** Answers when so many documents have been accepted in all, with the time (µs) of the answer to the last of them. */
  reached: { asks: { readonly documents: number }; answers: { readonly at: number } }
  documents: { asks: undefined; answers: { readonly documents: number; readonly errors: readonly string[] } }
  report: { asks: undefined; answers: StubReport }
}

export type Stall = 'silent' | 'refusing'

export interface StubReport {
  readonly documents: number
  readonly distinct: number
  readonly requests: number
  /** ms, sorted. */
  readonly latencies: readonly number[]
  /** Since `measure`. */
  readonly cpuSeconds: number
  readonly errors: readonly string[]
}

let offset = 0
let since = Infinity
let usedBefore: NodeJS.CpuUsage | undefined
let port = 0
let silent = false
let documents = 0
let requests = 0
let lastAt = 0
let waiting: { readonly documents: number; readonly resolve: (answer: { at: number }) => void } | undefined
let samples = new Float64Array(2 ** 16)
let sampleCount = 0
const errors: string[] = []
const ids = createIdSet()
const readStamp = createStampReader()
const templates = new Map<string, unknown>()

const now = (): number => monotonicMicros() + offset

function bulk(request: IncomingMessage, response: ServerResponse): void {
  const sentTimes: number[] = []
  const reader = createBulkReader({
    id: ids.add,
    time: (bytes, at) => {
      const sent = readStamp(bytes, at)
      if (sent >= since) sentTimes.push(sent)
    }
  })
  request.on('data', chunk => reader.push(chunk))
  request.on('end', () => {
    documents += reader.end()
    requests++
    answer(response, 200, '{"errors":false}')
    lastAt = now()
    for (const sent of sentTimes) addSample(lastAt - sent)
    if (waiting !== undefined && documents >= waiting.documents) {
      waiting.resolve({ at: lastAt })
      waiting = undefined
    }
  })
}

function addSample(micros: number): void {
  if (sampleCount === maxSamples) return
  if (sampleCount === samples.length) {
    const grown = new Float64Array(samples.length * 2)
    grown.set(samples)
    samples = grown
  }
  samples[sampleCount++] = micros
}

function answer(response: ServerResponse, status: number, body: string): void {
  response
    .writeHead(status, {
      'content-type': 'application/vnd.elasticsearch+json;compatible-with=9',
      'content-length': body.length,
      'x-elastic-product': 'Elasticsearch'
    })
    .end(body)
}

/** Start-up calls: templates are remembered and given back. A search finds nothing: what was sent in vain is not here. */
async function other(request: IncomingMessage, response: ServerResponse, path: string): Promise<void> {
  const chunks: Buffer[] = []
  for await (const chunk of request) chunks.push(chunk)
  const [, kind, name = ''] = /^\/_(index|component)_template\/(.+)$/.exec(path) ?? []
  if (kind === undefined) return answer(response, 200, '{"timed_out":false,"_shards":{"failed":0}}')
  if (request.method === 'PUT') {
    templates.set(path, JSON.parse(Buffer.concat(chunks).toString()))
    return answer(response, 200, '{"acknowledged":true}')
  }
  const known = templates.get(path)
  if (known === undefined) return answer(response, 404, '{}')
  answer(response, 200, JSON.stringify({ [`${kind}_templates`]: [{ name, [`${kind}_template`]: known }] }))
}

const server = createServer({ keepAliveTimeout: 60_000 }, (request, response) => {
  const path = request.url?.split('?')[0] ?? ''
  if (silent) {
    request.on('error', () => {}).resume()
    return
  }
  request.on('error', error => errors.push(error.message))
  if (path.endsWith('/_bulk')) bulk(request, response)
  else other(request, response, path).catch((error: unknown) => errors.push(String(error)))
})

process.on('uncaughtException', error => {
  errors.push(error.message)
  if (errors.length > 100) process.exit(1)
})

async function open(): Promise<void> {
  await once(server.listen(port, '127.0.0.1'), 'listening')
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('The stub has no port.')
  port = address.port
}

answerCalls<StubCalls>({
  async listen(clock) {
    offset = clock.offset
    await open()
    return { port }
  },
  stall({ how }) {
    silent = true
    if (how === 'refusing') server.close()
    server.closeAllConnections()
    return undefined
  },
  async goOn() {
    silent = false
    server.closeAllConnections()
    if (!server.listening) await open()
    return undefined
  },
  measure({ since: from }) {
    since = from
    usedBefore = process.cpuUsage()
    return undefined
  },
  reached({ documents: target }) {
    if (documents >= target) return { at: lastAt }
    return new Promise(resolve => {
      waiting = { documents: target, resolve }
    })
  },
  documents: () => ({ documents, errors }),
  report() {
    const { user, system } = process.cpuUsage(usedBefore)
    const latencies = Array.from(samples.subarray(0, sampleCount).sort(), micros => micros / 1000)
    return { documents, distinct: ids.distinct(), requests, latencies, cpuSeconds: (user + system) / 1e6, errors }
  }
})
