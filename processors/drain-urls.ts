import type { Processor } from '../src/core/contract.ts'
import type { LogEvent } from '../src/core/event.ts'
import { createRewriter } from './rewrite.ts'

/**
 * The agent tells an app of trouble with its drain in lines of source type LGR, and prints the drain's whole URL in some of them, as in
 * `Failed to connect to syslog-tls://user:password@host:6514?token=…` (loggregator-agent-release, syslog connector). User, password, query and
 * fragment are taken out of every URL in such lines, always.
 */
export function drainUrls(): Processor {
  const rewrite = createRewriter()
  return {
    name: 'drain-urls',
    process(events) {
      const texts = new Map<LogEvent, Buffer>()
      for (const event of events) {
        if (event.source.type !== 'LGR' || event.kind !== 'log') continue
        const safe = withoutSecrets(event.text)
        if (safe !== event.text) texts.set(event, Buffer.from(safe))
      }
      return texts.size === 0 ? events : rewrite(events, texts, 'redacted')
    }
  }
}

/** Scheme, user information up to the last `@` of the authority, the rest up to the query, query and fragment. */
const drainUrl = /(:\/\/)(?:[^\s/?#]*@)?((?:(?!:\/\/)[^\s?#])*)(?:[?#]\S*)?/g

const withoutSecrets = (text: string): string => text.replace(drainUrl, '$1$2')
