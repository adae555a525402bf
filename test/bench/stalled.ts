import { setTimeout as delay } from 'node:timers/promises'
import { messageOf } from '../../src/core/errors.ts'
import { certificates } from '../cases/certificates.ts'
import { startHelper } from './calls.ts'
import { chooseOffset } from './clock.ts'
import type { CrowdCalls, Posted } from './crowd.ts'
import type { GeneratorCalls, Sent } from './generator.ts'
import { journalled } from './journalled.ts'
import { type Product, startProduct } from './product.ts'
import { forgetPeak, peakOf, residentOf } from './resident.ts'
import type { RoundOptions } from './round.ts'
import type { Stall, StubCalls } from './stub.ts'

export interface StalledShape {
  readonly how: Stall
  readonly storming: number
  readonly frames: number
  readonly idle: number
}

/** Memory in MiB: what is resident, or the most of it during a part. */
export interface StalledRound {
  readonly atStartMiB: number
  readonly withIdleMiB: number
  readonly perIdleKiB: number
  readonly stormMiB: number
  readonly restMiB: number
  readonly catchUpMiB: number
  readonly peakMiB: number
  /** Frames per second into the journal while the store stood still, and out of it afterwards. */
  readonly takenPerSecond: number
  readonly deliveredPerSecond: number
  readonly journalMiB: number
  readonly posted: Posted
  readonly events: number
  /** Of /metrics, while the store still stands still: names and values that tell of memory. */
  readonly told: readonly string[]
}

const poolFrames = 32_768
const callTimeoutMs = 60_000
const roundTimeoutMs = 300_000
/** Every tenth idle connection holds half a frame, as one behind a slow link does, or one that means harm. */
const halfShare = 0.1
const halfFrameBytes = 100_000
const bodyBytes = 1_000_000
/** After the storm, before it is looked at. */
const restMs = 3000

/** A store that stands still, senders that do not, and many that are silent; then the store answers, and all must be there once. */
export async function runStalled(shape: StalledShape, options: RoundOptions): Promise<StalledRound> {
  const offset = chooseOffset()
  const stub = startHelper<StubCalls>(new URL('stub.ts', import.meta.url))
  const generator = startHelper<GeneratorCalls>(new URL('generator.ts', import.meta.url))
  const crowd = startHelper<CrowdCalls>(new URL('crowd.ts', import.meta.url))
  let product: Product | undefined

  async function measure({ how, storming, frames, idle }: StalledShape, running: Product): Promise<StalledRound> {
    const { pid, syslogPort, syslogTlsPort, httpsPort } = running
    const send = (count: number): Promise<Sent> => generator.call('saturate', { frames: count }, roundTimeoutMs)
    const reached = (documents: number) => stub.call('reached', { documents }, roundTimeoutMs)
    const atStartMiB = residentOf(pid).allMiB

    await generator.call('connect', { port: syslogPort, connections: storming }, callTimeoutMs)
    await send(options.warmUp)
    await reached(options.warmUp)
    await stub.call('stall', { how }, callTimeoutMs)

    const before = residentOf(pid).allMiB
    const halves = Math.floor(idle * halfShare)
    await crowd.call(
      'open',
      { port: syslogTlsPort, connections: idle, halves, frameBytes: halfFrameBytes },
      roundTimeoutMs
    )
    await delay(restMs)
    const withIdleMiB = residentOf(pid).allMiB

    forgetPeak(pid)
    await crowd.call('post', { port: httpsPort, bodyBytes }, callTimeoutMs)
    const sent = await send(frames)
    const posted = await crowd.call('stopPosting', undefined, callTimeoutMs)
    const taken = options.warmUp + frames + posted.frames
    const { at } = await journalled(running, taken, offset)
    const stormMiB = peakOf(pid)
    await delay(restMs)
    const restMiB = residentOf(pid).allMiB
    const told = (await running.metrics()).split('\n').filter(line => /^(?!#).*(memory|heap|lag_bytes)/.test(line))
    const journalMiB = Number(/^culvert_journal_bytes (\S+)$/m.exec(await running.metrics())?.[1] ?? 0) / 2 ** 20

    forgetPeak(pid)
    const began = performance.now()
    await stub.call('goOn', undefined, callTimeoutMs)
    const { open } = await crowd.call('finish', undefined, callTimeoutMs)
    if (open < idle) throw new Error(`${idle - open} of ${idle} idle connections were closed.`)
    await reached(taken + halves)
    const catchUpSeconds = (performance.now() - began) / 1000
    const catchUpMiB = peakOf(pid)

    await crowd.call('close', undefined, callTimeoutMs)
    await generator.call('close', undefined, callTimeoutMs)
    await running.stop()
    const report = await stub.call('report', undefined, callTimeoutMs)
    if (report.documents !== taken + halves || report.distinct !== report.documents)
      throw new Error(`${taken + halves} events were sent, ${report.documents} accepted, ${report.distinct} distinct.`)
    return {
      atStartMiB,
      withIdleMiB,
      perIdleKiB: idle === 0 ? 0 : ((withIdleMiB - before) * 1024) / idle,
      stormMiB,
      restMiB,
      catchUpMiB,
      peakMiB: Math.max(withIdleMiB, stormMiB, catchUpMiB),
      takenPerSecond: (frames + posted.frames) / ((Math.max(at, sent.endedAt) - sent.startedAt) / 1e6),
      deliveredPerSecond: (frames + posted.frames) / catchUpSeconds,
      journalMiB,
      posted,
      events: report.documents,
      told
    }
  }

  try {
    const { port } = await stub.call('listen', { offset }, callTimeoutMs)
    await generator.call('prepare', { seed: options.seed, frames: poolFrames, offset }, callTimeoutMs)
    product = await startProduct({
      root: options.root,
      dataDir: options.dataDir,
      elasticsearchUrl: `http://127.0.0.1:${port}`,
      waitFor: 'ready',
      tls: certificates.server
    })
    return await Promise.race([measure(shape, product), product.ended])
  } catch (error) {
    const { errors } = await stub.call('documents', undefined, callTimeoutMs).catch(() => ({ errors: [] }))
    const said = product === undefined ? [] : [`The product’s last words:\n${product.output()}`]
    throw new Error([messageOf(error), ...errors.map(text => `Stub: ${text}`), ...said].join('\n'), { cause: error })
  } finally {
    await Promise.all([generator.stop(), stub.stop(), crowd.stop(), product?.clear()])
  }
}
