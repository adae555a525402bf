import { join } from 'node:path'
import { elasticsearchJdk, installElasticsearch, PLATFORM } from './elasticsearch-install.ts'
import { type Server, startServer } from './server.ts'

export interface ElasticsearchOptions {
  /** More node settings, as 'indexing_pressure.memory.limit=300kb'. */
  settings?: string[]
  /** The JVM's heap, as '512m'. */
  heap?: string
}

/** Starts a real Elasticsearch node with no data: about 13 seconds, more the first time on a machine. */
export async function startElasticsearch({ settings = [], heap = '512m' }: ElasticsearchOptions = {}): Promise<Server> {
  const jdk = elasticsearchJdk()
  const home = await installElasticsearch()
  return startServer({
    name: 'elasticsearch',
    health: '/_cluster/health?wait_for_status=yellow',
    command: (port, folder) => ({
      command: join(jdk, 'bin', 'java'),
      args: [
        ...jvmOptions(home, folder, heap),
        ...[...nodeSettings(port, folder), ...settings].map(setting => `-Des.setting.${setting}`),
        ...['--module-path', join(home, 'lib'), '-cp', join(home, 'launcher'), 'StartElasticsearch', home]
      ]
    })
  })
}

/** What Elasticsearch's own launcher passes, as far as a node for tests needs it. */
function jvmOptions(home: string, folder: string, heap: string): string[] {
  return [
    `-Xms${heap}`,
    `-Xmx${heap}`,
    '-XX:+UseSerialGC',
    '--add-modules=jdk.incubator.vector,jdk.net,ALL-MODULE-PATH',
    '--enable-native-access=ALL-UNNAMED,org.elasticsearch.nativeaccess,org.elasticsearch.foreign,org.apache.lucene.core',
    '-Dio.netty.noUnsafe=true',
    '-Dio.netty.noKeySetOptimization=true',
    '-Dlog4j2.disable.jmx=true',
    '-Dlog4j.shutdownHookEnabled=false',
    '-Djava.locale.providers=CLDR',
    `-Djava.io.tmpdir=${folder}`,
    `-Des.nativelibs.path=${join(home, 'lib', 'platform', PLATFORM)}`,
    '-Dorg.elasticsearch.nativeaccess.enableVectorLibrary=false'
  ]
}

function nodeSettings(port: number, folder: string): string[] {
  return [
    `path.data=${join(folder, 'data')}`,
    `path.logs=${folder}`,
    `path.repo=${join(folder, 'repo')}`,
    'cluster.name=test',
    'network.host=127.0.0.1',
    `http.port=${port}`,
    'transport.port=0',
    'discovery.type=single-node',
    'cluster.routing.allocation.disk.threshold_enabled=false'
  ]
}
