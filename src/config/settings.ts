import { z } from 'zod'
import { levels } from '../core/event.ts'
import {
  choice,
  duration,
  type Explained,
  explain,
  flag,
  integer,
  pattern,
  port,
  secret,
  size,
  text,
  url
} from './setting.ts'

const KiB = 2 ** 10
const MiB = 2 ** 20
const GiB = 2 ** 30

/** Every environment variable that Culvert reads, by group: parser, default, error text and reference page in one. */
export const groups = {
  http: z
    .object({
      PORT: port().prefault('8080').describe('Port of HTTP: the HTTPS drain behind a router, the API and the console.'),
      CULVERT_HOST: text('an IP address or a host name')
        .optional()
        .describe(
          'Address that all listeners bind to; 127.0.0.1 by default, 0.0.0.0 where VCAP_APPLICATION is set (on Cloud Foundry).'
        ),
      CULVERT_TOKEN: secret('at least 8 printable characters without spaces', /^[!-~]{8,}$/)
        .optional()
        .describe('Login of API, metrics and console, sent as `Authorization: Bearer …`; without it they are open.'),
      CULVERT_INSECURE: flag()
        .prefault('0')
        .describe('1 allows listening off loopback without CULVERT_TOKEN or without credentials of the HTTPS drain.'),
      CULVERT_MAX_BODY_BYTES: size(64 * KiB, 8 * MiB)
        .prefault('4 MiB')
        .describe('Largest body of a POST to the drain; a larger one is answered with 413.'),
      CULVERT_MEMORY_BUDGET: size(48 * MiB, 64 * GiB)
        .prefault('96 MiB')
        .describe(
          'Memory for what was received and is on its way, a third each for parts of syslog messages, bodies of POSTs, and decoded records; when one is used up its readers wait.'
        )
    })
    .meta({ title: 'HTTP' }),

  drain: z
    .object({
      CULVERT_DRAIN_USER: text('a user name')
        .optional()
        .describe('User of the HTTPS drain, as in `https://USER:PASSWORD@host/drain`; without it the drain is open.'),
      CULVERT_DRAIN_PASSWORD: secret('a password')
        .optional()
        .describe('Password of the HTTPS drain, as it is before percent-encoding.'),
      CULVERT_DRAIN_ACKNOWLEDGE: choice('stored', 'delivered')
        .prefault('stored')
        .describe(
          'When a POST is answered with 2xx: `stored` when the journal has it, `delivered` when every lane has committed it, within 15 s, else 503; for disks that are not to be trusted.'
        )
    })
    .meta({ title: 'HTTPS drain' }),

  syslog: z
    .object({
      CULVERT_SYSLOG_PORT: port().prefault('5514').describe('Port of syslog over plain TCP.'),
      CULVERT_MAX_FRAME_BYTES: size(KiB, MiB)
        .prefault('128 KiB')
        .describe('Longest syslog message; a longer one is cut there, marked and kept.'),
      CULVERT_IDLE_TIMEOUT: duration(1000, 24 * 36e5)
        .prefault('15m')
        .describe(
          'How long a syslog connection may be silent before it is closed; less than the agent’s own 10 minutes loses lines.'
        )
    })
    .meta({ title: 'Syslog' }),

  tls: z
    .object({
      CULVERT_TLS_CERT: text('a certificate in PEM, or the path of a file that holds one')
        .optional()
        .describe('Certificate of syslog over TLS and of HTTPS, followed by its intermediates; opens both ports.'),
      CULVERT_TLS_KEY: secret('a private key in PEM, or the path of a file that holds one')
        .optional()
        .describe('Private key of the certificate, without a passphrase.'),
      CULVERT_TLS_CLIENT_CA: text('a certificate in PEM, or the path of a file that holds one')
        .optional()
        .describe('CA of client certificates; makes them required on both TLS ports.'),
      CULVERT_SYSLOG_TLS_PORT: port()
        .prefault('6514')
        .describe('Port of syslog over TLS, open when a certificate is given.'),
      CULVERT_HTTPS_PORT: port().prefault('8443').describe('Port of HTTPS, open when a certificate is given.')
    })
    .meta({ title: 'TLS' }),

  journal: z
    .object({
      CULVERT_DATA_DIR: text('a directory')
        .prefault('data')
        .describe('Directory of the journal, cursors, dead letters and the local store; created when missing.'),
      CULVERT_JOURNAL_MAX_BYTES: size(64 * MiB, 64 * 1024 * GiB)
        .prefault('10 GiB')
        .describe(
          'Most disk that the journal takes; 80 % of the space free at start, or more that came free since, where that is less.'
        ),
      CULVERT_JOURNAL_RETAIN: duration(0, 365 * 24 * 36e5)
        .prefault('0s')
        .describe('How long what every lane has committed stays in the journal, so that it can be replayed.'),
      CULVERT_JOURNAL_RETAIN_BYTES: size(0, 64 * 1024 * GiB)
        .optional()
        .describe(
          'How much of that stays at most; by default as much as CULVERT_JOURNAL_MAX_BYTES allows. New records come first.'
        ),
      CULVERT_JOURNAL_SYNC: choice('always', 'never')
        .prefault('always')
        .describe(
          '`always` acknowledges what survives a crash of the machine, `never` what survives a crash of the process.'
        ),
      CULVERT_PARTITIONS: integer('a number from 1 to 64', 1, 64)
        .prefault('1')
        .describe('Partitions of the journal, each with its own order and at most one delivery worker.'),
      CULVERT_WHEN_FULL: choice('wait', 'skip')
        .prefault('wait')
        .describe(
          'When the journal is full: `wait` stops accepting, `skip` gives up the oldest lines and counts them as lost.'
        )
    })
    .meta({ title: 'Journal' }),

  elasticsearch: z
    .object({
      ELASTICSEARCH_URL: url().optional().describe('Elasticsearch to store logs in; user:password may be in it.'),
      ELASTICSEARCH_API_KEY: secret('an API key, encoded')
        .optional()
        .describe('API key of Elasticsearch, instead of user and password.'),
      ELASTICSEARCH_CA: text('a certificate in PEM, or the path of a file that holds one')
        .optional()
        .describe('CA that Elasticsearch’s certificate is checked against, where the system does not know it.'),
      ELASTICSEARCH_DATASET: pattern('up to 80 of a-z, 0-9, _ and .', /^[a-z0-9][a-z0-9_.]{0,79}$/)
        .prefault('app')
        .describe('Logs go to the data stream `logs-cloudfoundry.DATASET-NAMESPACE`.'),
      ELASTICSEARCH_NAMESPACE: pattern('up to 80 of a-z, 0-9, _, . and -', /^[a-z0-9][a-z0-9_.-]{0,79}$/)
        .prefault('default')
        .describe('Logs go to the data stream `logs-cloudfoundry.DATASET-NAMESPACE`.'),
      ELASTICSEARCH_REQUEST_TIMEOUT: duration(1000, 6e5)
        .prefault('1m')
        .describe('How long Elasticsearch may take to answer before the request is given up and sent again.')
    })
    .meta({ title: 'Elasticsearch' }),

  influxdb: z
    .object({
      INFLUXDB_URL: url().optional().describe('InfluxDB 2 to store metrics in; needs token, organisation and bucket.'),
      INFLUXDB_TOKEN: secret('an API token').optional().describe('API token of InfluxDB.'),
      INFLUXDB_ORG: text('a name').optional().describe('Organisation in InfluxDB.'),
      INFLUXDB_BUCKET: text('a name')
        .optional()
        .describe('Bucket in InfluxDB; created when missing, where the token allows it.'),
      INFLUXDB_REQUEST_TIMEOUT: duration(1000, 6e5)
        .prefault('30s')
        .describe('How long InfluxDB may take to answer before the request is given up and sent again.')
    })
    .meta({ title: 'InfluxDB' }),

  local: z
    .object({
      CULVERT_LOCAL_STORE: choice('auto', 'on', 'off')
        .prefault('auto')
        .describe('Embedded store that the console searches; `auto` is on while no Elasticsearch is configured.'),
      CULVERT_LOCAL_MAX_BYTES: size(16 * MiB, 64 * 1024 * GiB)
        .prefault('5 GiB')
        .describe('Most disk that the local store takes; beyond it the oldest files are deleted.'),
      CULVERT_LOCAL_DAYS: integer('a number from 1 to 3650', 1, 3650)
        .prefault('7')
        .describe('Days that the local store keeps, by the day of receipt in UTC.')
    })
    .meta({ title: 'Local store' }),

  log: z
    .object({
      LOG_LEVEL: choice(...levels, 'silent')
        .prefault('info')
        .describe('Least severe level of Culvert’s own log on stdout.')
    })
    .meta({ title: 'Own log' }),

  file: z
    .object({
      CULVERT_CONFIG: text('the path of a file')
        .optional()
        .describe('Configuration file in TypeScript; `culvert.config.ts` in the working directory, where there is one.')
    })
    .meta({ title: 'Configuration file' })
}

export type Groups = typeof groups
export type Settings = { readonly [G in keyof Groups]: z.output<Groups[G]> }

/** Read elsewhere or planned: known names, so that they are no typing errors. */
export const reserved: Readonly<Record<string, string>> = {
  KAFKA_BROKERS: 'this version has no Kafka journal yet; remove it to use the disk journal',
  KAFKA_TOPIC: 'this version has no Kafka journal yet; remove it to use the disk journal'
}

/** All settings, explained, in the order of the reference. */
export const allSettings: readonly (Explained & { readonly title: string; readonly key: string })[] = Object.values(
  groups
).flatMap(group =>
  Object.entries(group.shape).map(([key, schema]) => ({ title: String(group.meta()?.title), key, ...explain(schema) }))
)
