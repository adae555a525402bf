import type { App, Instance } from './platform.ts'
import type { Random } from './random.ts'

/** What the platform itself says about an app: source type, stream, text, and how many seconds after the line before it. */
export interface PlatformLine {
  readonly sourceType: string
  readonly text: string
  readonly stream?: 'out' | 'err'
  readonly after: number
}

const line = (sourceType: string, text: string, after = 0.15, stream: 'out' | 'err' = 'out'): PlatformLine => ({
  sourceType,
  text,
  after,
  stream
})

/** `cf push`: upload, staging, and the API's word of it. The restart of the instances is `start` of each. */
export function staging(random: Random, app: App, buildpack: string): PlatformLine[] {
  const cell = random.guid()
  const task = random.guid()
  const stg = (text: string, after?: number) => line('STG', text, after)
  return [
    line('API', `Uploading app package for app with guid ${app.id}`),
    line('API', `Creating build for app with guid ${app.id}`, 0.4),
    line('API', `Updated app with guid ${app.id} ({"state"=>"STOPPED"})`),
    stg(`Cell ${cell} creating container for instance ${task}`, 0.5),
    stg(`Security group rules were updated`),
    stg(`Cell ${cell} successfully created container for instance ${task}`, 0.6),
    stg('Downloading app package...'),
    stg(`Downloaded app package (${random.int(12, 480) / 10}M)`, 0.5),
    stg(`-----> ${buildpack}`, 0.6),
    stg('-----> Supplying dependencies', 0.3),
    stg('       Copy [/tmp/buildpacks/dependencies/0.tgz]', 0.4),
    stg('-----> Installing application', 0.6),
    stg('-----> Compiling droplet', 0.5),
    stg('Exit status 0', 0.7),
    stg('Uploading droplet, build artifacts cache...'),
    stg(`Uploaded build artifacts cache (${random.int(8, 60)}.${random.int(0, 9)}M)`, 0.4),
    line('API', `Creating droplet for app with guid ${app.id}`),
    stg(`Uploaded droplet (${random.int(30, 160)}.${random.int(0, 9)}M)`, 0.3),
    stg('Uploading complete'),
    stg(`Cell ${cell} stopping instance ${task}`, 0.2),
    stg(`Cell ${cell} destroying container for instance ${task}`),
    stg(`Cell ${cell} successfully destroyed container for instance ${task}`, 0.3),
    line('API', `Updated app with guid ${app.id} ({"state"=>"STARTED"})`)
  ]
}

/** A container comes up. */
export const starting = (instance: Instance): PlatformLine[] => [
  line('CELL', `Cell ${instance.cell.index} creating container for instance ${instance.guid}`),
  line('CELL', `Security group rules were updated`),
  line('CELL', `Cell ${instance.cell.index} successfully created container for instance ${instance.guid}`, 0.5),
  line('CELL', 'Starting health monitoring of container', 0.8),
  line('CELL', 'Container became healthy', 1.2)
]

/** A container is told to go. */
export const stopping = (instance: Instance): PlatformLine[] => [
  line('CELL', `Cell ${instance.cell.index} stopping instance ${instance.guid}`),
  line('CELL', `Cell ${instance.cell.index} destroying container for instance ${instance.guid}`, 0.3),
  line('PROXY', 'Exit status 137', 0.1),
  line('CELL', `Cell ${instance.cell.index} successfully destroyed container for instance ${instance.guid}`, 0.4)
]

/** What comes after the last words of a crashed instance. */
export function crashed(app: App, instance: Instance, exitStatus: number): PlatformLine[] {
  const type = `APP/PROC/${app.process.toUpperCase()}`
  return [
    line(type, `Exit status ${exitStatus}`, 0.05),
    line(`${type}/SIDECAR/CONFIG-RELOADER`, 'Exit status 143', 0.05),
    line('HEALTH', `Failed to make TCP connection to ${instance.cell.ip}:8080: connection refused`, 0.1, 'err'),
    line('CELL', `Cell ${instance.cell.index} stopping instance ${instance.guid}`, 0.1),
    line('CELL', `Cell ${instance.cell.index} destroying container for instance ${instance.guid}`, 0.1),
    line('API', `Process has crashed with type: "${app.process}"`, 0.1),
    line(
      'API',
      `App instance exited with guid ${app.id} payload: {"instance"=>"${instance.guid}", "index"=>${instance.index}, "cell_id"=>"${instance.cell.index}", "reason"=>"CRASHED", "exit_description"=>"${type}: Exited with status ${exitStatus}", "crash_count"=>1}`,
      0.05
    ),
    line('CELL', `Cell ${instance.cell.index} successfully destroyed container for instance ${instance.guid}`, 0.4)
  ]
}

/** `cf run-task`. */
export function task(random: Random, app: App, name: string): PlatformLine[] {
  const source = `APP/TASK/${name}`
  const migration = random.int(100, 999)
  return [
    line('API', `Creating task with name ${name} for app with guid ${app.id}`),
    line(source, `Applying migration ${migration}_add_shipping_status`, 1),
    line(source, `Altered table orders in ${random.int(40, 900)} ms`, 0.8),
    line(source, `Migration ${migration} done, ${random.int(1000, 90_000)} rows touched`, 0.7),
    line(source, 'Exit status 0', 0.2)
  ]
}

/** Somebody looks inside with `cf ssh`. */
export function ssh(random: Random, app: App): PlatformLine[] {
  const remote = `10.0.4.9:${random.int(32_768, 60_999)}`
  return [
    line('SSH', `Successful remote access by ${remote}`),
    line('API', `Authorized SSH access for app with guid ${app.id}`, 0.1),
    line('SSH', `Remote access ended for ${remote}`, 4)
  ]
}

/** The agent's word of what it had to give up (its diode ran over). */
export const lostMessages = (app: string, count: number, url: string): PlatformLine =>
  line('LGR', `${count} messages lost for application ${app} in user provided syslog drain with url ${url}`, 0, 'err')

/** Diego's word to an app that logs too much. */
export const rateLimited = (app: App): PlatformLine =>
  line(`APP/PROC/${app.process.toUpperCase()}`, 'app instance exceeded log rate limit (65536 bytes/sec)', 0)
