/**
 * What Elasticsearch must know of our documents, before the first one comes. Raise it with every change below: an installed
 * template with a lower version is replaced at start, one with the same or a higher version is left alone.
 */
export const templateVersion = 1

/** Above 100 (Elasticsearch's own template for logs-*-*) and 200 (what Fleet installs). */
const priority = 250

/** Characters, at most three bytes of UTF-8 each: so no term passes Lucene's 32,766 bytes. What is longer is kept and not indexed. */
const ignoreAbove = 8191

const keyword = { type: 'keyword', ignore_above: ignoreAbove } as const
const long = { type: 'long', ignore_malformed: true } as const
const double = { type: 'double', ignore_malformed: true } as const
const dateNanos = { type: 'date_nanos', ignore_malformed: true } as const
const text = { type: 'text' } as const
/** Kept and given back, not searched. */
const unindexed = { type: 'keyword', index: false, doc_values: false } as const
/** Any JSON object: its leaves are searchable as keywords, and its keys never become fields. */
const flattened = { type: 'flattened', ignore_above: ignoreAbove, depth_limit: 20 } as const
const named = { properties: { id: keyword, name: keyword } } as const

/**
 * The fields of document.ts. Unknown ones are kept and not indexed (`dynamic: false`), so that no document is refused for a field.
 * `text` and `keyword` where a licensed distribution also has match_only_text and wildcard: those are missing in Elasticsearch's core.
 */
export const mappings = {
  dynamic: false,
  dynamic_templates: [{ app_numbers: { path_match: 'app_num.*', mapping: double } }],
  properties: {
    '@timestamp': { type: 'date_nanos' },
    event: {
      properties: {
        id: keyword,
        sequence: long,
        action: keyword,
        created: dateNanos,
        duration: long,
        original: unindexed
      }
    },
    message: text,
    log: { properties: { level: keyword } },
    stream: keyword,
    cloudfoundry: {
      properties: {
        type: keyword,
        app: named,
        space: named,
        org: named,
        source_id: keyword,
        host: keyword,
        log: { properties: { source: { properties: { type: keyword, full_type: keyword, instance: keyword } } } },
        process: { properties: { type: keyword, id: keyword, instance_id: keyword } },
        task: { properties: { name: keyword } },
        sidecar: { properties: { name: keyword } },
        revision: keyword,
        envelope: {
          properties: { origin: keyword, deployment: keyword, job: keyword, index: keyword, ip: keyword }
        },
        tags: flattened,
        timestamp: keyword,
        router: {
          properties: {
            gorouter_time: double,
            backend_address: keyword,
            error: keyword,
            forwarded_for: keyword,
            forwarded_proto: keyword,
            app_index: keyword,
            instance_id: keyword,
            extra: flattened
          }
        }
      }
    },
    http: {
      properties: {
        version: keyword,
        request: { properties: { method: keyword, bytes: long, referrer: keyword, id: keyword } },
        response: { properties: { status_code: long, bytes: long } }
      }
    },
    url: { properties: { original: keyword, path: keyword, query: keyword, domain: keyword } },
    client: { properties: { address: keyword, ip: { type: 'ip', ignore_malformed: true } } },
    user_agent: { properties: { original: keyword } },
    trace: { properties: { id: keyword } },
    span: { properties: { id: keyword } },
    error: { properties: { type: keyword, message: text, stack_trace: text } },
    // without it, logsdb's synthetic source gives the object back in another order and without duplicates in arrays
    app: { ...flattened, synthetic_source_keep: 'all' },
    app_num: { type: 'object', dynamic: true, subobjects: false },
    app_text: text,
    tags: keyword
  }
} as const

export const settings = {
  'index.mode': 'logsdb',
  'index.mapping.ignore_malformed': true,
  // app_num: what comes after the thousandth field is kept and not indexed
  'index.mapping.total_fields.ignore_dynamic_beyond_limit': true
} as const

/** Settings and mappings of a user's own, which win over ours; need not exist. */
const custom = 'logs-cloudfoundry@custom'

/** The templates and the paths that they are put under, in the order in which they refer to each other. */
export function templates(retention: string | undefined): { path: string; body: Record<string, unknown> }[] {
  const about = { version: templateVersion, _meta: { managed_by: 'culvert' } }
  return [
    { path: '/_component_template/logs-cloudfoundry@mappings', body: { ...about, template: { mappings } } },
    { path: '/_component_template/logs-cloudfoundry@settings', body: { ...about, template: { settings } } },
    {
      path: '/_index_template/logs-cloudfoundry',
      body: {
        ...about,
        index_patterns: ['logs-cloudfoundry.*-*'],
        priority,
        data_stream: {},
        allow_auto_create: true,
        composed_of: ['logs-cloudfoundry@mappings', 'logs-cloudfoundry@settings', custom],
        ignore_missing_component_templates: [custom],
        template: {
          lifecycle: { enabled: true, ...(retention === undefined ? {} : { data_retention: retention }) },
          // a refused document must be refused, or it would be lost to searches without a word
          data_stream_options: { failure_store: { enabled: false } }
        }
      }
    }
  ]
}
