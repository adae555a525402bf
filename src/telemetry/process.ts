import { monitorEventLoopDelay } from 'node:perf_hooks'

export interface ProcessSnapshot {
  /** All threads, since the start. */
  readonly cpuSeconds: number
  readonly residentBytes: number
  /** Of the main thread. */
  readonly heapUsedBytes: number
  readonly heapTotalBytes: number
  /** Of the main thread, since the last snapshot. */
  readonly eventLoopLagP99Seconds: number
  readonly eventLoopLagMaxSeconds: number
}

/**
 * Watches this process; nothing here walks handles or file descriptors, whose number grows with the connections.
 * The monitor is a timer that does not keep the process alive.
 */
export function watchProcess() {
  const lag = monitorEventLoopDelay({ resolution: 20 })
  lag.enable()
  return {
    snapshot(): ProcessSnapshot {
      const { user, system } = process.cpuUsage()
      const { rss, heapUsed, heapTotal } = process.memoryUsage()
      const snapshot = {
        cpuSeconds: (user + system) / 1e6,
        residentBytes: rss,
        heapUsedBytes: heapUsed,
        heapTotalBytes: heapTotal,
        eventLoopLagP99Seconds: lag.count === 0 ? 0 : lag.percentile(99) / 1e9,
        eventLoopLagMaxSeconds: lag.count === 0 ? 0 : lag.max / 1e9
      }
      lag.reset()
      return snapshot
    },
    stop: () => lag.disable()
  }
}
