import { isIPv6 } from 'node:net'
import { z } from 'zod'
import type { Config } from './config.ts'

export interface ApiRequest<T> {
  readonly path: string
  /** Sent as JSON, by POST; without it GET. */
  readonly body?: object
  readonly answer: z.ZodType<T>
  readonly signal?: AbortSignal | undefined
}

/** `again`: the same call may succeed later. */
export type ApiAnswer<T> =
  | { readonly ok: true; readonly content: T }
  | { readonly ok: false; readonly sentence: string; readonly again: boolean }

const failure = z.object({ message: z.string(), advice: z.string().optional() })

/** Asks the Culvert that runs with this configuration on this machine. Never throws: what is wrong is a sentence for people. */
export async function callApi<T>(config: Config, request: ApiRequest<T>): Promise<ApiAnswer<T>> {
  const { path, body, answer, signal } = request
  const url = urlOf(config)
  const { token } = config.http
  const headers = {
    'content-type': 'application/json',
    ...(token === undefined ? {} : { authorization: `Bearer ${token}` })
  }
  const sent = body === undefined ? {} : { method: 'POST', body: JSON.stringify(body) }
  let status: number
  let text: string
  try {
    const response = await fetch(`${url}/api/v1${path}`, { ...sent, headers, ...(signal && { signal }) })
    status = response.status
    text = await response.text()
  } catch {
    return { ok: false, sentence: `Culvert does not answer at ${url}: it must run with these settings.`, again: true }
  }
  try {
    if (status === 200) return { ok: true, content: answer.parse(JSON.parse(text)) }
    const { message, advice } = failure.parse(JSON.parse(text))
    return { ok: false, sentence: advice === undefined ? message : `${message} ${advice}`, again: status >= 500 }
  } catch {
    return { ok: false, sentence: `What answers at ${url} is no Culvert of this version (${status}).`, again: false }
  }
}

/** Where the Culvert of this configuration answers, seen from its own machine. */
function urlOf({ host, http }: Config): string {
  const own = host === '0.0.0.0' ? '127.0.0.1' : host === '::' ? '::1' : host
  return `http://${isIPv6(own) ? `[${own}]` : own}:${http.port}`
}
