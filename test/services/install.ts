/** Makes every server that the tests need, so that a later run starts in seconds: node test/services/install.ts */
import { installElasticsearch } from './elasticsearch-install.ts'
import { installInfluxdb } from './influxdb-install.ts'
import { say } from './progress.ts'

const folders = await Promise.all([installElasticsearch(), installInfluxdb()])
say(`all there: ${folders.join(', ')}`)
