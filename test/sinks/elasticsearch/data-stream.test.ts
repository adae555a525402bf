import { expect, test } from 'vitest'
import { dataStreamName } from '../../../sinks/elasticsearch/data-stream.ts'

test.each([
  ['app', 'default', 'logs-cloudfoundry.app-default'],
  ['Shop API', 'Prod/EU', 'logs-cloudfoundry.shop_api-prod_eu'],
  ['with-dash', 'eu-1', 'logs-cloudfoundry.with_dash-eu-1'],
  ['ä*?"<>|,#:', '\\', 'logs-cloudfoundry.__________-_'],
  ['', '', 'logs-cloudfoundry.app-default'],
  ['a'.repeat(200), 'n'.repeat(200), `logs-cloudfoundry.${'a'.repeat(87)}-${'n'.repeat(100)}`]
])('%j and %j', (dataset, namespace, name) => {
  expect(dataStreamName(dataset, namespace)).toBe(name)
})
