import { certificates } from '../cases/certificates.ts'
import { createRandom } from '../traffic/random.ts'
import type { Evidence } from './evidence.ts'
import { createFrames } from './frames.ts'
import { createPostingAgent } from './posting-agent.ts'
import { createSyslogAgent, type Order } from './syslog-agent.ts'

const syslogAgents = { tcp: 4, tls: 3 } as const
const postingAgents = { https: 3, 'https-batch': 2 } as const
const repeatedAtOnce = 5

export interface AgentsOptions {
  readonly seed: number
  readonly startMicros: number
  readonly ports: { readonly tcp: number; readonly tls: number; readonly https: number }
  readonly evidence: Evidence
  readonly life: () => number
}

/** The load: agents of all transports, from now on until `stop`. */
export function startAgents({ seed, startMicros, ports, evidence, life }: AgentsOptions) {
  const frames = createFrames(createRandom(seed), startMicros)
  let agents = 0
  const named = (transport: string) => ({
    name: `${transport}-${++agents}`,
    ca: certificates.ca,
    frames,
    evidence,
    random: createRandom(seed + agents)
  })
  const syslog = (['tcp', 'tls'] as const).flatMap(transport =>
    Array.from({ length: syslogAgents[transport] }, () =>
      createSyslogAgent({ ...named(transport), transport, port: ports[transport], life })
    )
  )
  const posting = (['https', 'https-batch'] as const).flatMap(transport =>
    Array.from({ length: postingAgents[transport] }, () =>
      createPostingAgent({ ...named(transport), transport, port: ports.https })
    )
  )
  const running = Promise.all([...syslog, ...posting].map(agent => agent.run()))
  const repeating = new Set<Promise<void>>()

  return {
    /** Rejects when an agent fails, which is a fault of ours. */
    running,
    /** All connections over TCP and TLS: within a frame, or in order. */
    obey(order: Order): void {
      for (const agent of syslog) agent.obey(order)
    },
    /** Each sends its newest answered POSTs again until they are answered again, also by the next life. */
    repeat(): void {
      for (const agent of posting) {
        const repeated = agent.repeat(repeatedAtOnce).finally(() => repeating.delete(repeated))
        repeating.add(repeated)
      }
    },
    storm(lines: number, paddingBytes: number): void {
      for (const agent of syslog) agent.storm(Math.ceil(lines / syslog.length), paddingBytes)
    },
    /** POSTs that were not taken at once. */
    refused: (): number => posting.reduce((sum, agent) => sum + agent.refused(), 0),
    /** Resolves when everything that must be answered is, and all connections are closed. */
    async stop(): Promise<void> {
      for (const agent of [...syslog, ...posting]) agent.stop()
      await running
      await Promise.all(repeating)
      for (const agent of posting) agent.close()
    }
  }
}
export type Agents = ReturnType<typeof startAgents>
