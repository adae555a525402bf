/**
 * npm run test:faults: real processes under load, killed, stopped, filled and blocked in an order that SEED decides, for FAULTS_MINUTES.
 * Exits with 0 when nothing acknowledged is lost and nothing is stored twice.
 */
import { copyFileSync, cpSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { auditBooks } from './books.ts'
import { createConsole } from './console.ts'
import { withOwnMounts } from './disk.ts'
import { readEvidence } from './evidence.ts'
import { createProgress } from './progress.ts'
import { linesOf } from './report.ts'
import { openScene } from './scene.ts'
import { scheduleOf } from './schedule.ts'
import { carryOut } from './tracks.ts'
import { judge } from './verdict.ts'

withOwnMounts() // which begins this program anew

/** Starting, settling and reading, beside the faults themselves. */
const aroundMs = 360_000
/** The first documents and points. */
const maxFirstMs = 60_000
const leastFaults = 50
/** Of a run that is long enough for them. */
const leastFaultsMinutes = 2

const screen = createConsole()
const { say, tell } = screen
const seed = numberOf('SEED', Math.floor(Math.random() * 1e9))
const minutes = numberOf('FAULTS_MINUTES', 3)
const lengthMs = minutes * 60_000
const work = mkdtempSync(join(tmpdir(), 'culvert-faults-'))
const closing: (() => Promise<unknown>)[] = []
const logs = new Map<string, string>()
let finished = false

async function run(): Promise<boolean> {
  const scene = await openScene(work, {
    add: close => void closing.unshift(close),
    log: (name, path) => void logs.set(name, path)
  })
  const { lives, evidence, evidencePath, diskBytes } = scene
  say(
    diskBytes === undefined
      ? 'No small disk can be mounted here: none is filled.'
      : `The data directory has a disk of ${diskBytes / 2 ** 20} MiB.`
  )
  const schedule = scheduleOf(seed, lengthMs)
  const agents = scene.startAgents(seed)
  const progress = createProgress(lives)
  await progress.of(['elasticsearch', 'influxdb']).delivering(maxFirstMs)
  say(`Both stores take lines; ${schedule.length} faults are to come.\n`)
  screen.startClock()
  const quiet = progress.tell(agents, tell)
  const happened = await Promise.race([
    carryOut(schedule, scene.performers(agents), { progress, screen }),
    agents.running.then(() => 0) // they end before they are told to by failing only
  ])
  quiet()

  tell(`${happened} faults are over; agents stop`)
  await agents.stop()
  tell('all agents have stopped; lanes settle')
  const status = await lives.settled()
  await lives.stop()
  await evidence.close()
  tell('Culvert has stopped; reading what the stores hold')
  const holdings = await scene.holdings()

  const verdict = await judge(readEvidence(evidencePath), holdings)
  say(`\n${linesOf(verdict).join('\n')}\n`)
  const books = auditBooks(status, holdings)
  for (const { name, ledger } of status.lanes) say(`  ledger of ${name}: ${JSON.stringify(ledger)}`)
  for (const sentence of books) say(`  the books are wrong: ${sentence}`)
  const enough = happened >= leastFaults || minutes < leastFaultsMinutes
  if (!enough) say(`  only ${happened} faults happened, and it takes ${leastFaults}`)
  return verdict.findings.length === 0 && books.length === 0 && enough
}

/** Once: what ends a run makes what is still under way fail. */
async function finish(failure?: string): Promise<void> {
  if (finished) return
  finished = true
  clearTimeout(late)
  if (failure !== undefined) say(`\n  ${failure}\n  kept: ${keep()}`)
  for (const close of closing.splice(0)) await close().catch((error: unknown) => say(String(error)))
  rmSync(work, { recursive: true, force: true })
  const end = failure === undefined ? 'green' : 'RED'
  say(
    `\nSEED=${seed} FAULTS_MINUTES=${minutes} npm run test:faults: ${end} after ${Math.round(performance.now() / 1000)} s`
  )
  process.exit(failure === undefined ? 0 : 1)
}

/** Logs, evidence and Culvert's data, in a folder that stays. */
function keep(): string {
  const kept = mkdtempSync(join(tmpdir(), `culvert-faults-seed-${seed}-`))
  cpSync(work, kept, { recursive: true, filter: path => !path.endsWith('filler') })
  for (const [name, path] of logs) copyFileSync(path, join(kept, `${name}.log`))
  return kept
}

function numberOf(variable: string, otherwise: number): number {
  const text = process.env[variable]
  if (text === undefined || text === '') return otherwise
  const value = Number(text)
  if (!Number.isFinite(value) || value <= 0) throw new Error(`${variable} is '${text}', and may be a number above 0.`)
  return value
}

say(`SEED=${seed}, ${minutes} minutes of faults`)
const late = setTimeout(
  () => void finish(`It took longer than ${minutes + aroundMs / 60_000} minutes.`),
  lengthMs + aroundMs
)
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => void finish(`${signal} came.`))
try {
  await finish((await run()) ? undefined : 'Something was lost, doubled or misplaced, or the books are wrong.')
} catch (error) {
  await finish(error instanceof Error ? error.stack : String(error))
}
