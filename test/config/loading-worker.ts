import { parentPort, workerData } from 'node:worker_threads'
import { effectiveConfig } from '../../src/config/effective.ts'
import { loadConfig } from '../../src/config.ts'
import { messageOf } from '../../src/core/errors.ts'

/** Loads configuration files as Node itself does, one after the other, and says what they say or what is wrong with them. */
const paths: readonly string[] = workerData
const answers: unknown[] = []
for (const CULVERT_CONFIG of paths) {
  answers.push(await loadConfig({ CULVERT_CONFIG }).then(effectiveConfig, messageOf))
}
parentPort?.postMessage(answers)
