import type { Tags } from './agent.ts'
import type { Random } from './random.ts'

/** A virtual machine of the platform. Each opens its own drain connections. */
export interface Vm {
  readonly job: 'diego-cell' | 'router' | 'api' | 'scheduler'
  readonly ip: string
  /** Its BOSH guid. */
  readonly index: string
}

export interface Instance {
  readonly index: number
  readonly guid: string
  readonly cell: Vm
  /** Where gorouter finds it. */
  readonly port: number
}

export interface App {
  readonly id: string
  readonly name: string
  readonly org: Named
  readonly space: Named
  readonly process: string
  /** The app's guid for the web process, else one of its own. */
  readonly processId: string
  /** The host of its route. */
  readonly route: string
  readonly instances: readonly Instance[]
}

interface Named {
  readonly id: string
  readonly name: string
}

export interface Platform {
  readonly apps: readonly App[]
  readonly cells: readonly Vm[]
  readonly routers: readonly Vm[]
  readonly api: Vm
}

/** What a platform is made of: `space` is `org/space`. */
export interface AppPlan {
  readonly name: string
  readonly space: string
  readonly process?: string
  readonly instances: number
}

/** Lays apps and their instances out over cells. */
export function createPlatform(
  random: Random,
  plan: readonly AppPlan[],
  { cells: cellCount = 3, routers: routerCount = 2 } = {}
): Platform {
  const vms = (job: Vm['job'], count: number, net: number): Vm[] =>
    Array.from({ length: count }, (_, i) => ({
      job,
      ip: `10.0.${net + (i >> 7)}.${10 + (i & 127)}`,
      index: random.guid()
    }))
  const cells = vms('diego-cell', cellCount, 16)
  const named = new Map<string, Named>()
  const withGuid = (key: string, name: string): Named => {
    const known = named.get(key) ?? { id: random.guid(), name }
    named.set(key, known)
    return known
  }
  let place = 0
  const apps = plan.map(({ name, space, process = 'web', instances }): App => {
    const [org = '', spaceName = ''] = space.split('/')
    const id = random.guid()
    return {
      id,
      name,
      org: withGuid(org, org),
      space: withGuid(space, spaceName),
      process,
      processId: process === 'web' ? id : random.guid(),
      route: `${name}.apps.example.com`,
      instances: Array.from({ length: instances }, (_, index) => ({
        index,
        guid: `${random.guid().slice(0, 23)}-${random.hex(4)}`,
        cell: cells[place++ % cells.length]!,
        port: 61_000 + random.int(0, 999)
      }))
    }
  })
  return { apps, cells, routers: vms('router', routerCount, 4), api: vms('api', 1, 8)[0]! }
}

const origins = { 'diego-cell': 'rep', router: 'gorouter', api: 'cloud_controller', scheduler: 'auctioneer' } as const

/** The tags that come with everything an app instance says, or that a platform component says about it. */
export function tagsOf(app: App, instance: Instance, vm: Vm, sourceType: string): Tags {
  return {
    __v1_type: 'LogMessage',
    app_id: app.id,
    app_name: app.name,
    deployment: 'cf',
    index: vm.index,
    instance_id: String(instance.index),
    ip: vm.ip,
    job: vm.job,
    organization_id: app.org.id,
    organization_name: app.org.name,
    origin: origins[vm.job],
    process_id: app.processId,
    process_instance_id: instance.guid,
    process_type: app.process,
    source_id: app.id,
    source_type: sourceType,
    space_id: app.space.id,
    space_name: app.space.name
  }
}

/** `APP/PROC/WEB` for the instances of a process. */
export const sourceTypeOf = (app: App): string => `APP/PROC/${app.process.toUpperCase()}`
