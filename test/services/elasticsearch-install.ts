import { existsSync } from 'node:fs'
import { copyFile, mkdir, readdir, rename } from 'node:fs/promises'
import { join } from 'node:path'
import { cached } from './cache.ts'
import { requireCommands, run } from './command.ts'
import { findJdk } from './jdk.ts'

const VERSION = '9.5.3'
const SOURCES = join(import.meta.dirname, 'elasticsearch-node')

/** How Elasticsearch names this machine in the folders of its native libraries. */
export const PLATFORM = process.arch === 'arm64' ? 'linux-aarch64' : 'linux-x64'

/** Where distributions keep their shared libraries. */
const LIBRARIES = [
  '/usr/lib/x86_64-linux-gnu',
  '/lib/x86_64-linux-gnu',
  '/usr/lib/aarch64-linux-gnu',
  '/lib/aarch64-linux-gnu',
  '/usr/lib64',
  '/lib64',
  '/usr/lib'
]

/** The home of an Elasticsearch node put together from its Maven artifacts the first time: half a minute. It has core only, no modules. */
export async function installElasticsearch(): Promise<string> {
  return cached(`elasticsearch-${VERSION}`, assemble)
}

/** The JDK that runs it. */
export function elasticsearchJdk(): string {
  return findJdk(21)
}

async function assemble(home: string): Promise<void> {
  const jdk = elasticsearchJdk()
  requireCommands('Installing Elasticsearch for the tests', { mvn: 'apt-get install maven' })
  const lib = join(home, 'lib')
  const native = join(lib, 'platform', PLATFORM)
  const transport = join(home, 'modules', 'transport-netty4')
  for (const folder of [native, transport, join(home, 'plugins'), join(home, 'config'), join(home, 'launcher')]) {
    await mkdir(folder, { recursive: true })
  }
  // best_compression and logsdb need zstd, which the usual distribution brings along
  await copyFile(findZstd(), join(native, 'libzstd.so'))
  await run(
    'mvn',
    [
      '-q',
      '-B',
      '-ntp',
      'dependency:copy-dependencies',
      `-Delasticsearch.version=${VERSION}`,
      `-DoutputDirectory=${lib}`
    ],
    { cwd: SOURCES, env: { ...process.env, JAVA_HOME: jdk } }
  )
  await splitTransport(lib, transport, jdk)
  await copyFile(join(SOURCES, 'log4j2.properties'), join(home, 'config', 'log4j2.properties'))
  const launcher = [
    '-nowarn',
    '-cp',
    join(lib, '*'),
    '-d',
    join(home, 'launcher'),
    join(SOURCES, 'StartElasticsearch.java')
  ]
  await run(join(jdk, 'bin', 'javac'), launcher)
}

/** The HTTP transport is a plugin: its jars and its descriptor, which lies within its jar, belong into a folder of their own. */
async function splitTransport(lib: string, transport: string, jdk: string): Promise<void> {
  for (const jar of await readdir(lib)) {
    if (/^(netty-|transport-netty4-|elasticsearch-ssl-config-)/.test(jar))
      await rename(join(lib, jar), join(transport, jar))
  }
  const descriptors = 'META-INF/es-plugins/transport-netty4'
  await run(join(jdk, 'bin', 'jar'), ['xf', `transport-netty4-${VERSION}.jar`, descriptors], { cwd: transport })
  for (const file of await readdir(join(transport, descriptors))) {
    await rename(join(transport, descriptors, file), join(transport, file))
  }
}

function findZstd(): string {
  const found = LIBRARIES.map(folder => join(folder, 'libzstd.so.1')).find(path => existsSync(path))
  if (!found) throw new Error('Elasticsearch needs the library libzstd.so.1 (apt-get install libzstd1).')
  return found
}
