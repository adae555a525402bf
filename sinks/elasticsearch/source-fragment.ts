import type { Source } from '../../src/core/source.ts'
import { type JsonObject, withoutEmpty } from './json-object.ts'

/**
 * `cloudfoundry` of a document, as far as the source says it: Beats' names where Beats has them (x-pack/filebeat/input/cloudfoundry,
 * libbeat/processors/add_cloudfoundry_metadata). Whatever is '' is left out. In this order:
 *
 *     type, app {id, name}, space, org, source_id, host, log.source {type, full_type, instance}, process {type, id, instance_id},
 *     task {name}, sidecar {name}, revision, envelope {origin, deployment, job, index, ip}, tags
 *
 * It is never empty, and all an event of this source has there, but for `timestamp` and `router`, which follow.
 */
export function sourceFragment(source: Source, type: 'log' | 'event'): JsonObject {
  const { app, space, org, tags } = source
  return withoutEmpty({
    type,
    app: withoutEmpty({ id: app.id, name: app.name }),
    space: withoutEmpty({ id: space.id, name: space.name }),
    org: withoutEmpty({ id: org.id, name: org.name }),
    source_id: source.id === app.id ? '' : source.id,
    host: source.host,
    log: withoutEmpty({
      source: withoutEmpty({
        type: source.type,
        full_type: source.fullType === source.type ? '' : source.fullType,
        instance: source.instance
      })
    }),
    process: withoutEmpty({
      type: source.process,
      id: tags['process_id'] ?? '',
      instance_id: tags['process_instance_id'] ?? ''
    }),
    task: withoutEmpty({ name: source.task }),
    sidecar: withoutEmpty({ name: source.sidecar }),
    revision: source.revision,
    envelope: withoutEmpty(Object.fromEntries(envelopeTags.map(tag => [tag, tags[tag] ?? '']))),
    tags: Object.fromEntries(otherTags(source))
  })
}

const envelopeTags = ['origin', 'deployment', 'job', 'index', 'ip'] as const
const shownElsewhere = new Set<string>([...envelopeTags, 'process_id', 'process_instance_id'])

/** Tags that say something which the document does not say elsewhere. */
function otherTags(source: Source): [tag: string, value: string][] {
  const said: Readonly<Record<string, string>> = {
    app_id: source.app.id,
    app_name: source.app.name,
    space_id: source.space.id,
    space_name: source.space.name,
    organization_id: source.org.id,
    organization_name: source.org.name,
    process_type: source.process,
    instance_id: source.instance,
    source_id: source.id,
    source_type: source.fullType
  }
  return Object.entries(source.tags).filter(
    ([tag, value]) => !shownElsewhere.has(tag) && !(Object.hasOwn(said, tag) && said[tag] === value)
  )
}
