import { isIP } from 'node:net'
import type { Source } from '../../src/core/source.ts'
import { escapeName } from './escape.ts'

/** The tags of a source as they stand in a line, each with its comma in front: `,app=shop,org=acme`. */
export interface SourceTags {
  /** Of the points of an app instance's container: the same wherever the instance runs. */
  readonly container: string
  /** Of every other metric: those that come before its tag `name`, and those after it. */
  readonly beforeName: string
  readonly afterName: string
}

/**
 * Tags that say who: an app's instance by org, space, app, app_id, process and instance; anything else by what the platform calls it. Then the
 * metric's own tags as far as they are bounded, since without them a counter's two series would overwrite each other.
 */
export function tagsOf(source: Source): SourceTags {
  const { app, tags } = source
  const isApp = app.id !== '' || app.name !== ''
  const who = isApp
    ? {
        app: app.name,
        app_id: app.id,
        instance: source.instance,
        org: source.org.name,
        process: source.process,
        space: source.space.name
      }
    : {
        deployment: tags['deployment'],
        index: tags['index'],
        instance: source.instance === tags['index'] ? '' : source.instance,
        job: tags['job'],
        source_id: source.id
      }
  const own = Object.entries(tags)
    .filter(([name, value]) => isOwn(name, value))
    .map(([name, value]): [string, string] => [ownName(name), value])
  const all = Object.entries({ ...Object.fromEntries(own), ...who, origin: tags['origin'] })
  return {
    container: print(Object.entries(who)),
    beforeName: print(all.filter(([name]) => name < 'name')),
    afterName: print(all.filter(([name]) => name > 'name'))
  }
}

/** Sorted by key, as InfluxDB's guide to optimizing writes asks. A tag's value may not be empty. */
const print = (tags: readonly (readonly [name: string, value: string | undefined])[]): string =>
  tags
    .filter(([name, value]) => name !== '' && value)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, value = '']) => `,${escapeName(name)}=${escapeName(value)}`)
    .join('')

/** What every envelope's tags say of its sender (go-loggregator, loggregator-agent-release), and who says above. */
const envelope = new Set([
  ...['app_id', 'app_name', 'space_id', 'space_name', 'organization_id', 'organization_name'],
  ...['process_id', 'process_instance_id', 'process_type', 'instance_id', 'instance_index', 'source_id', 'source_type'],
  ...['origin', 'deployment', 'job', 'index', 'ip', 'product', 'system_domain', 'placement_tag', '__v1_type']
])

/** What has a new value with each request. */
const unbounded = new Set([
  ...['request_id', 'vcap_request_id', 'trace_id', 'span_id', 'parent_span_id', 'uri', 'url', 'user_agent', 'referer'],
  ...['remote_address', 'forwarded', 'content_length']
])

const maxOwnValueLength = 64

/** Whether a tag of the metric's own tells series apart that are few. Ids, addresses and large numbers tell too many apart. */
function isOwn(name: string, value: string): boolean {
  if (envelope.has(name) || unbounded.has(name) || value === '' || value.length > maxOwnValueLength) return false
  return !/^\/|:\/\/|^\d{6,}$|^[0-9a-f]{16,}$|[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-/i.test(value) && !isAddress(value)
}

const isAddress = (value: string): boolean => isIP(value) !== 0 || isIP(value.replace(/^\[|\]?:\d+$/g, '')) !== 0

/** Names that we or InfluxDB give a meaning of their own. */
const taken = new Set(['app', 'app_id', 'instance', 'org', 'process', 'space', 'name', 'source_id', 'shard', 'time'])

const ownName = (name: string): string => (taken.has(name) || name.startsWith('_') ? `tag_${name}` : name)
