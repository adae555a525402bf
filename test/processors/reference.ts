/** docs/processors.md, made from the options' schemas and the cases of the tests: `node test/processors/reference.ts > docs/processors.md`. */

import { allDetectors } from '../../processors/redact/detectors.ts'
import { redactOptions } from '../../processors/redact.ts'
import { redactCases } from '../cases/redact.ts'

const defaults = redactOptions.parse({})

const printed = (value: unknown): string =>
  Array.isArray(value) ? value.map(one => `\`${one}\``).join(', ') || 'none' : `\`${value}\``

const options = Object.entries(redactOptions.shape).map(
  ([name, schema]) => `| \`${name}\` | ${printed(Reflect.get(defaults, name))} | ${schema.description} |`
)

const detectors = allDetectors.map(
  ({ name, about }) => `| \`${name}\` | ${defaults.detect.includes(name) ? 'on' : ''} | ${about} |`
)

const example = (wanted: string): string[] =>
  redactCases()
    .filter(({ name }) => name === wanted)
    .flatMap(({ input, expected }) => ['```', ...input, '```', '', 'becomes', '', '```', ...expected, '```', ''])

export const processorReference = (): string =>
  [
    '# Processors',
    '',
    'Events in, events out: see [architecture](architecture.md). This page is made from the options’ schemas and from the cases in `test/cases/redact/` by',
    '`node test/processors/reference.ts > docs/processors.md`.',
    '',
    '## drain-urls',
    '',
    'Always on. The platform tells an app of trouble with its drain in lines of source type `LGR`, and prints the drain’s URL with all that is in it:',
    '`Failed to connect to syslog-tls://user:password@host:6514?token=…`. User, password, query and fragment are taken out.',
    '',
    '## redact',
    '',
    "`redact()`, `redact({ fields: ['*password', 'pin'] })`, `redact({ pattern: /password=\\S+/g })`. Takes secrets out of all that stores, the live tail and the",
    'console get of an event: a line’s text and everything that is read from it (fields of access lines, an app’s JSON, errors, stack traces, the base64 of',
    'what is no UTF-8), the title and body of platform events, and the tags of logs and metrics. Such an event has the mark `redacted`, which stores show as a tag',
    'and `culvert_marked_events_total` counts.',
    '',
    '| option | default | meaning |',
    '| --- | --- | --- |',
    ...options,
    '',
    '| detector | default | finds |',
    '| --- | --- | --- |',
    ...detectors,
    '',
    'It stands in the list of `processors` in the [configuration file](configuration.md#the-configuration-file), best behind the parsers:',
    '`processors: [routerLog(), jsonLog(), redact()]`. In a sink’s own list it is for that sink alone; the tail and the console then see all. A processor of',
    'your own before it sees what was received.',
    '',
    '### Fields by name',
    '',
    'In an app’s JSON the value of a named key goes whole, whatever it is, at any depth, also in JSON within strings; `null` and `""` stay, and so does every byte',
    'that is no secret. For example',
    '',
    ...example('fields-in-json'),
    'In text a value goes where it is written `name=value`, `name:value`, or in quotes. What follows `password: ` without quotes is taken for prose. For example',
    '',
    ...example('fields-in-text'),
    '### Access lines',
    '',
    ...example('router-line'),
    '### What stays',
    '',
    'A false alarm costs a piece of a line, so each detector looks for more than a likeness: check digits, lengths, headers that can be read. For example',
    '',
    ...example('card-number'),
    '### Where it ends',
    '',
    '- The journal on disk holds what was received, and so does the `frame` of a dead letter, so that it can be put back; both are readable by Culvert’s user only.',
    '  A dead letter’s readable part is redacted, and it is redacted again when it is put back.',
    '- Names are not looked at: of apps, spaces, orgs, metrics, and the header of a syslog message.',
    '- Lines are looked at one by one. A private key that an app prints line by line is found in the line with its beginning only.',
    '- A secret that is written in another way is not seen: percent-encoded (`%3A%2F%2Fuser%3A…`), in base64, cut into pieces; a password in a URL with a bare `/`,',
    '  `?`, `#` or quote in it; the lower-case words `bearer` and `basic` without the header’s name.',
    '- A named field in text ends where white space or a quote does. A pattern of your own sees strings of JSON without quotes and escapes, and lines that are no',
    '  UTF-8 as Latin-1.',
    '- A text on which a detector fails goes whole.',
    ''
  ].join('\n')

if (import.meta.main) process.stdout.write(processorReference())
