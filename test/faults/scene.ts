import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { certificates } from '../cases/certificates.ts'
import { startAgents } from './agents.ts'
import { createCulvertFaults, startLives } from './culvert.ts'
import { mountDisk } from './disk.ts'
import { createElasticsearchFaults, dataStream, openElasticsearch } from './elasticsearch.ts'
import { createEvidence } from './evidence.ts'
import { readDeadLetters, readElasticsearch, readInfluxdb } from './holdings.ts'
import { createInfluxdbFaults, openInfluxdb } from './influxdb.ts'
import { agentFaults, type Performers, wayFaults } from './tracks.ts'
import type { Holdings } from './verdict.ts'
import { openWay } from './way.ts'

const diskBytes = 24 * 2 ** 20
const maxJournalBytes = 64 * 2 ** 20
/** Of a disk, as the product takes it (docs/configuration.md). */
const journalShare = 0.8
/** Shorter than some of the pauses. */
const requestTimeout = '10s'

/** Everything that is closed again when the run is over, in the order in which it was opened. */
export interface Opened {
  add(close: () => Promise<unknown>): void
  /** The file of a server's log, which is kept when something is wrong. */
  log(name: string, path: string): void
}

/** Opens the stores, the ways to them and Culvert, all of this run's own, with their data in the folder `work`. */
export async function openScene(work: string, opened: Opened) {
  const dataDir = join(work, 'data')
  const evidencePath = join(work, 'evidence.ndjson')
  mkdirSync(dataDir)
  const unmount = mountDisk(dataDir, diskBytes)
  if (unmount !== undefined) opened.add(unmount)

  const [elasticsearch, influxdb] = await Promise.all([openElasticsearch(), openInfluxdb()])
  for (const [name, { server }] of Object.entries({ elasticsearch, influxdb })) {
    opened.add(() => server.stop())
    opened.log(name, server.log)
  }
  const ways = [await openWay(elasticsearch.url), await openWay(influxdb.server.url)] as const
  for (const way of ways) opened.add(() => way.close())

  const { url, org, bucket, token } = influxdb.server
  const env = {
    ELASTICSEARCH_URL: ways[0].url,
    ELASTICSEARCH_REQUEST_TIMEOUT: requestTimeout,
    INFLUXDB_URL: ways[1].url,
    INFLUXDB_REQUEST_TIMEOUT: requestTimeout,
    INFLUXDB_ORG: org,
    INFLUXDB_BUCKET: bucket,
    INFLUXDB_TOKEN: influxdb.token,
    CULVERT_TLS_CERT: certificates.server.cert,
    CULVERT_TLS_KEY: certificates.server.key,
    CULVERT_JOURNAL_MAX_BYTES: `${maxJournalBytes}`
  }
  const evidence = createEvidence(evidencePath)
  const startMicros = Math.floor(Date.now() / 1000) * 1e6
  const lives = await startLives(dataDir, env, { evidence, startMicros })
  const { product } = lives
  opened.add(() => product.stop())
  opened.log('culvert', product.log)

  return {
    lives,
    evidence,
    evidencePath,
    /** The data directory's own; undefined where none can be mounted. */
    diskBytes: unmount === undefined ? undefined : diskBytes,

    startAgents(seed: number) {
      const ports = { tcp: product.syslog, tls: product.syslogTls!, https: product.https! }
      return startAgents({ seed, startMicros, ports, evidence, life: lives.life })
    },

    performers(agents: ReturnType<typeof startAgents>): Performers {
      const store = createElasticsearchFaults(elasticsearch)
      const smallDisk = unmount !== undefined
      const journalBytes = smallDisk ? journalShare * diskBytes : maxJournalBytes
      return {
        culvert: createCulvertFaults({ lives, agents, elasticsearch: store, ways, smallDisk, journalBytes }),
        elasticsearch: store.faults,
        influxdb: createInfluxdbFaults(influxdb),
        'way to elasticsearch': wayFaults(ways[0]),
        'way to influxdb': wayFaults(ways[1]),
        agents: agentFaults(agents)
      }
    },

    async holdings(): Promise<Holdings> {
      return {
        elasticsearch: await readElasticsearch(elasticsearch.url, dataStream),
        influxdb: await readInfluxdb({ url, token, org, bucket }),
        dead: readDeadLetters(dataDir, startMicros)
      }
    }
  }
}
