import { componentReference } from '../components/reference.ts'
import { allSettings, reserved } from './settings.ts'

/** docs/configuration.md, made from the settings' schemas: `node src/config/reference.ts > docs/configuration.md`. */
export function configReference(): string {
  const titles = [...new Set(allSettings.map(setting => setting.title))]
  return [
    '# Configuration',
    '',
    'Culvert needs none: without it, it listens on loopback and stores locally. Settings are environment variables, and for all else there is',
    'a [configuration file](#the-configuration-file); an empty variable counts as absent. What is wrong or unknown stops the start with exit',
    'code 78 and a line for each mistake. This page is made from the schemas by `node src/config/reference.ts > docs/configuration.md`.',
    '',
    ...titles.flatMap(title => [`## ${title}`, '', ...tableOf(title), '']),
    ...file,
    ...componentReference(),
    '## Reserved',
    '',
    ...Object.entries(reserved).map(([key, why]) => `- \`${key}\`: ${why}.`),
    ''
  ].join('\n')
}

const file = `## The configuration file

\`culvert.config.ts\` in the working directory, or the file that CULVERT_CONFIG names. Node loads it as it is: TypeScript whose types can be
stripped (no \`enum\`, no \`namespace\`).

\`\`\`ts
import { defineConfig, disk, eachLog, httpsDrain, jsonLog, localStore, routerLog, stdout, syslog } from 'culvert'

export default defineConfig({
  ingest: [syslog({ port: 5514 }), httpsDrain()],
  journal: disk({ maxBytes: '20 GiB' }),
  processors: [
    routerLog(),
    jsonLog(),
    eachLog('no-health-checks', log => (log.detail?.kind === 'router' && log.detail.path === '/health' ? undefined : log))
  ],
  sinks: [
    localStore({ maxDays: 14 }),
    stdout({
      name: 'errors',
      processors: [
        function onlyErrors(event) {
          return event.kind === 'log' && event.level === 'error' ? event : undefined
        }
      ]
    })
  ]
})
\`\`\`

- What the file says wins; what it does not say comes from the environment. A list that is given is exact: \`sinks: [stdout()]\` is one
  sink, whatever ELASTICSEARCH_URL says; \`elasticsearch()\` in it takes address and login from there. A sink that names another server
  than the environment gets no login from it.
- Everything that is wrong is said at once, each with its path, such as \`sinks[1].url\`.
- Each sink is a lane with its own cursor, by its \`name\`. Two sinks of a kind need names. A renamed sink begins anew.
- \`redact()\` among the processors takes secrets out of lines: see [Processors](processors.md#redact).
- \`processors\` run once for all sinks, those of a sink after them for it alone. A processor of your own is a function with a name: it
  gets an event and answers the same, a new one (\`event.with({ message, level })\`) or undefined, which leaves it out, counted as
  filtered. \`eachLog(name, change)\` sees logs only. \`processor(name, () => (events, clock) => …)\` gets batches and may remember
  something; its clock is the time of receipt. Where one throws or answers what is no event, the event is kept and marked
  \`processor_failed\`, and counted by the processor’s name in \`/metrics\` and the status. It may not be async: all that comes
  later waits for it.
- URLs of drains in the platform’s own lines lose user and password in any case.
- The file is read at the start, also by the delivery worker: to apply a change, restart.
- \`culvert\` is the running Culvert, wherever the file lies. For an editor, have npm link the folder in which Culvert lies:
  \`npm install --save-dev ../culvert\`.

The defaults below hold where the environment says nothing either.
`.split('\n')

const tableOf = (title: string): string[] => [
  '| variable | default | may be | meaning |',
  '| --- | --- | --- | --- |',
  ...allSettings
    .filter(setting => setting.title === title)
    .map(
      ({ key, default: value, allowed, description }) => `| ${key} | ${value ?? 'none'} | ${allowed} | ${description} |`
    )
]

if (import.meta.main) process.stdout.write(configReference())
