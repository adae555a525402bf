export { type ElasticsearchOptions, startElasticsearch } from './elasticsearch.ts'
export { type InfluxAccess, type InfluxServer, startInfluxdb } from './influxdb.ts'
export type { Server } from './server.ts'
