import { readdirSync, readFileSync, realpathSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { findCommand } from './command.ts'

const SYSTEM_JDKS = '/usr/lib/jvm'

/** The home of a JDK of at least version `least`: JAVA_HOME if it will do, else the newest of the system's, else that of PATH. */
export function findJdk(least: number): string {
  const homes = [process.env.JAVA_HOME, ...systemJdks(), pathJdk()].filter(home => home !== undefined)
  const found = homes.find(home => version(home) >= least)
  if (found) return found
  const seen = new Set(homes.filter(home => version(home) > 0).map(home => `  ${home}: version ${version(home)}`))
  throw new Error(
    [
      `Elasticsearch needs a JDK of version ${least} or later, and none was found in JAVA_HOME, ${SYSTEM_JDKS} or PATH.`,
      'Install one (for instance: apt-get install openjdk-21-jdk-headless), or point JAVA_HOME at it. Seen:',
      ...(seen.size > 0 ? seen : ['  none'])
    ].join('\n')
  )
}

function systemJdks(): string[] {
  try {
    const homes = readdirSync(SYSTEM_JDKS).map(name => join(SYSTEM_JDKS, name))
    return homes.sort((a, b) => version(b) - version(a))
  } catch {
    return []
  }
}

function pathJdk(): string | undefined {
  const javac = findCommand('javac')
  return javac && dirname(dirname(realpathSync(javac)))
}

/** The major version that the file `release` of a JDK's home names; 0 without one, or where there is no compiler. */
function version(home: string): number {
  try {
    realpathSync(join(home, 'bin', 'javac'))
    return Number(/^JAVA_VERSION="(\d+)/m.exec(readFileSync(join(home, 'release'), 'utf8'))?.[1] ?? 0)
  } catch {
    return 0
  }
}
