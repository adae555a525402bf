import type { Client } from '@elastic/elasticsearch'
import { z } from 'zod'
import { templates, templateVersion } from './templates.ts'

const installed = z.object({
  version: z.number().default(0),
  template: z.object({ lifecycle: z.object({ data_retention: z.string().optional() }).optional() }).optional()
})
const found = z.object({
  index_templates: z.array(z.object({ index_template: installed })).default([]),
  component_templates: z.array(z.object({ component_template: installed })).default([])
})

/**
 * Installs what is missing or has a lower version than ours, and our retention where the version is the same. Leaves what has a higher
 * version: another Culvert, newer than this one, writes too. Data streams take a change over at their next rollover, a changed retention only
 * if they are new.
 */
export async function installTemplates(
  client: Client,
  retention: string | undefined,
  signal: AbortSignal
): Promise<void> {
  for (const { path, body } of templates(retention)) {
    const there = await client.transport.request<unknown>({ method: 'GET', path }, { signal, ignore: [404] })
    const { index_templates: indices, component_templates: components } = found.parse(there)
    const current = indices[0]?.index_template ?? components[0]?.component_template
    const otherRetention = indices.length > 0 && current?.template?.lifecycle?.data_retention !== retention
    const version = current?.version ?? 0
    if (version < templateVersion || (version === templateVersion && otherRetention)) {
      await client.transport.request({ method: 'PUT', path, body }, { signal })
    }
  }
}
