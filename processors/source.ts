import type { Named, Source } from '../src/core/source.ts'

const guid = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i
const nobody: Named = { id: '', name: '' }

/** The source of frames that are no RFC 5424 message. */
export const unknownSource: Source = {
  host: '',
  id: '',
  procid: '',
  app: nobody,
  space: nobody,
  org: nobody,
  type: '',
  fullType: '',
  instance: '',
  process: '',
  task: '',
  sidecar: '',
  revision: '',
  tags: {}
}

/**
 * Who said it, from the header and the tags. Names come from the tags; HOSTNAME is lossy (`some_org` → `someorg`) and stands in
 * only where there are no tags. `procid` is split by the platform's rules (docs-loggregator, executor).
 */
export function readSource(
  host: string,
  id: string,
  procid: string,
  tags: Readonly<Record<string, string>>,
  kind: 'log' | 'metric'
): Source {
  const bare = procid.startsWith('[') && procid.endsWith(']') ? procid.slice(1, -1) : procid === '-' ? '' : procid
  const { fullType, instance } = splitProcid(bare, kind)
  // The agent writes PROCID in capitals (rfc5424.go); names of tasks and sidecars are as people wrote them in the tag.
  const written = tags.source_type?.toUpperCase() === fullType.toUpperCase() ? tags.source_type : fullType
  const { type, process, task, sidecar, revision } = readType(written)
  const appId = tags.app_id ?? (guid.test(id) ? id : '')
  const fromHost = !('app_name' in tags) && !('organization_name' in tags) && appId !== '' ? host.split('.') : []
  const [org, space, app] = fromHost.length === 3 ? fromHost : ['', '', '']
  return {
    host: host === '-' ? '' : host,
    id: id === '-' ? '' : id,
    procid: bare,
    app: { id: appId, name: tags.app_name ?? app ?? '' },
    space: { id: tags.space_id ?? '', name: tags.space_name ?? space ?? '' },
    org: { id: tags.organization_id ?? '', name: tags.organization_name ?? org ?? '' },
    type,
    fullType,
    instance: instance || (tags.instance_id ?? ''),
    process: process || (tags.process_type ?? ''),
    task,
    sidecar,
    revision,
    tags
  }
}

/** The instance is what follows the last slash. Without a slash it is a log's type, unless all digits, and a metric's instance. */
function splitProcid(procid: string, kind: 'log' | 'metric'): { fullType: string; instance: string } {
  const slash = procid.lastIndexOf('/')
  if (slash >= 0) return { fullType: procid.slice(0, slash), instance: procid.slice(slash + 1) }
  return kind === 'metric' || /^\d+$/.test(procid)
    ? { fullType: '', instance: procid }
    : { fullType: procid, instance: '' }
}

/** `APP/PROC/WEB`, `APP/TASK/name`, `APP/PROC/WEB/SIDECAR/NAME`, `APP/REV/7/PROC/WEB`, `RTR`, `CELL/SSHD`, `App`. */
function readType(fullType: string) {
  const [type = '', ...rest] = fullType.split('/')
  const after = (word: string): string => {
    const at = rest.findIndex(part => part.toUpperCase() === word)
    return at < 0 ? '' : (rest[at + 1] ?? '')
  }
  const task = rest[0]?.toUpperCase() === 'TASK' ? rest.slice(1).join('/') : ''
  return {
    type: type.toUpperCase(),
    process: task ? '' : after('PROC').toLowerCase(),
    task,
    sidecar: task ? '' : after('SIDECAR'),
    revision: task ? '' : after('REV')
  }
}
