import { messageOf } from '../../src/core/errors.ts'
import { type Helper, startHelper } from './calls.ts'
import { chooseOffset } from './clock.ts'
import type { GeneratorCalls, Sent } from './generator.ts'
import { journalled } from './journalled.ts'
import { type Latency, latencyOf } from './latency.ts'
import { type Product, startProduct } from './product.ts'
import type { StubCalls } from './stub.ts'

export interface Shape {
  readonly connections: number
  readonly load: { readonly frames: number } | { readonly perSecond: number; readonly seconds: number }
  /** `down`: nothing takes documents, so that only ingest and journal work. */
  readonly store: 'up' | 'down'
}

export interface RoundOptions {
  readonly root: string
  readonly dataDir: string
  readonly seed: number
  readonly warmUp: number
}

export interface Round {
  readonly events: number
  readonly meanBytes: number
  /** From the first frame sent to the last event accepted. */
  readonly seconds: number
  readonly eventsPerSecond: number
  /** Until everything was handed to the kernel. */
  readonly sendSeconds: number
  readonly cpuSecondsPerMillion: number
  readonly peakMiB: number
  /** ms. */
  readonly latency: Latency | undefined
  /** CPU seconds of the other two processes, for comparison: all three share the machine. */
  readonly generatorCpuSeconds: number
  readonly stubCpuSeconds: number
  /** Documents accepted in all, warm-up included, and how many ids they had. */
  readonly accepted: number
  readonly distinct: number
}

/** Frames made beforehand, which the generator sends again and again. */
const poolFrames = 32_768
const callTimeoutMs = 30_000
/** A round that runs longer is given up. */
const roundTimeoutMs = 300_000

/** Starts product, stub and generator, warms up, measures, stops all three, and checks that every event was accepted once. */
export async function runRound(shape: Shape, options: RoundOptions): Promise<Round> {
  const offset = chooseOffset()
  const stub = startHelper<StubCalls>(new URL('stub.ts', import.meta.url))
  const generator = startHelper<GeneratorCalls>(new URL('generator.ts', import.meta.url))
  let product: Product | undefined
  try {
    const { port } = await stub.call('listen', { offset }, callTimeoutMs)
    const prepare = { seed: options.seed, frames: poolFrames, offset }
    const { meanBytes } = await generator.call('prepare', prepare, callTimeoutMs)
    product = await startProduct({
      root: options.root,
      dataDir: options.dataDir,
      elasticsearchUrl: `http://127.0.0.1:${shape.store === 'up' ? port : 1}`,
      waitFor: shape.store === 'up' ? 'ready' : 'listening'
    })
    const measured = measure(shape, options.warmUp, { product, stub, generator, offset })
    return { meanBytes, ...(await Promise.race([measured, product.ended])) }
  } catch (error) {
    const { errors } = await stub.call('documents', undefined, callTimeoutMs).catch(() => ({ errors: [] }))
    const said = product === undefined ? [] : [`The product’s last words:\n${product.output()}`]
    throw new Error([messageOf(error), ...errors.map(text => `Stub: ${text}`), ...said].join('\n'), { cause: error })
  } finally {
    await Promise.all([generator.stop(), stub.stop(), product?.clear()])
  }
}

interface Parts {
  readonly product: Product
  readonly stub: Helper<StubCalls>
  readonly generator: Helper<GeneratorCalls>
  readonly offset: number
}

async function measure({ connections, load, store }: Shape, warmUp: number, parts: Parts) {
  const { product, stub, generator, offset } = parts
  const isUp = store === 'up'
  const accepted = (documents: number): Promise<{ at: number }> =>
    isUp ? stub.call('reached', { documents }, roundTimeoutMs) : journalled(product, documents, offset)
  const send = (frames: number): Promise<Sent> => generator.call('saturate', { frames }, roundTimeoutMs)

  await generator.call('connect', { port: product.syslogPort, connections }, callTimeoutMs)
  const warm = await send(warmUp)
  await accepted(warmUp)
  const before = product.usage()
  await stub.call('measure', { since: warm.endedAt + 1 }, callTimeoutMs)

  const sent = 'frames' in load ? await send(load.frames) : await generator.call('pace', load, roundTimeoutMs)
  const total = warmUp + sent.frames
  const { at } = await accepted(total)
  const after = product.usage()

  await generator.call('close', undefined, callTimeoutMs)
  await product.stop()
  const report = await stub.call('report', undefined, callTimeoutMs)
  const endedAt = isUp ? at : Math.max(at, sent.endedAt)
  const seconds = (endedAt - sent.startedAt) / 1e6
  if (isUp && (report.documents !== total || report.distinct !== total)) {
    throw new Error(`${total} events were sent, ${report.documents} accepted, ${report.distinct} of them distinct.`)
  }
  if (report.errors.length > 0) throw new Error(`The stub failed: ${report.errors.join(' ')}`)
  return {
    events: sent.frames,
    seconds,
    eventsPerSecond: sent.frames / seconds,
    sendSeconds: (sent.endedAt - sent.startedAt) / 1e6,
    cpuSecondsPerMillion: ((after.cpuSeconds - before.cpuSeconds) * 1e6) / sent.frames,
    peakMiB: after.peakMiB,
    latency: isUp ? latencyOf(report.latencies) : undefined,
    generatorCpuSeconds: sent.cpuSeconds,
    stubCpuSeconds: report.cpuSeconds,
    accepted: report.documents,
    distinct: report.distinct
  }
}
