import { allSettings, reserved } from './settings.ts'

/** docs/configuration.md, made from the settings' schemas: `node src/config/reference.ts > docs/configuration.md`. */
export function configReference(): string {
  const titles = [...new Set(allSettings.map(setting => setting.title))]
  return [
    '# Configuration',
    '',
    'Culvert needs none: without it, it listens on loopback and stores locally. This page is made from the settings’ schemas by',
    '`node src/config/reference.ts > docs/configuration.md`. All settings are environment variables; an empty one counts as absent.',
    'A wrong or unknown one stops the start with exit code 78 and a line that names it.',
    '',
    ...titles.flatMap(title => [`## ${title}`, '', ...tableOf(title), '']),
    '## Reserved',
    '',
    ...Object.entries(reserved).map(([key, why]) => `- \`${key}\`: ${why}.`),
    ''
  ].join('\n')
}

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
