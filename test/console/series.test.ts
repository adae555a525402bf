import { expect, test } from 'vitest'
import { aligned, instanceName, largest, sortContainers } from '../../src/console/apps/series.ts'
import type { Container, MetricSeries } from '../../src/core/search.ts'
import { source } from './rows.ts'

const series = (instance: string, points: [number, number][]): MetricSeries => ({
  name: 'cpu',
  kind: 'gauge',
  unit: 'percentage',
  source: source({ instance }),
  points
})
const container = (app: string, instance: string, cpu?: number): Container => ({
  source: source({ app, instance }),
  at: 0,
  ...(cpu !== undefined && { cpu })
})
const names = (containers: Container[]) => containers.map(({ source }) => `${source.app}${source.instance}`)

test('series share one time axis; where one has no point there is a hole', () => {
  expect(
    aligned([
      series('0', [
        [2000, 1],
        [1000, 2]
      ]),
      series('1', [
        [3000, Number.NaN],
        [1000, 4]
      ])
    ])
  ).toEqual({
    times: [1, 2, 3],
    values: [
      [2, 1, null],
      [4, null, null]
    ]
  })
})

test('the largest by their highest value', () => {
  const all = [
    series('0', [[1, 5]]),
    series('1', [
      [1, 1],
      [2, 9]
    ]),
    series('2', [])
  ]
  expect(largest(all, 2).map(one => one.source.instance)).toEqual(['1', '0'])
})

test('instances sort as numbers, metrics downwards, and the unknown come last', () => {
  const all = [container('web', '10', 3), container('web', '2'), container('api', '0', 5)]
  expect(names(sortContainers(all, 'app'))).toEqual(['api0', 'web2', 'web10'])
  expect(names(sortContainers(all, 'cpu'))).toEqual(['api0', 'web10', 'web2'])
})

test('an instance by name', () => {
  expect(instanceName(source({ instance: '1' }))).toBe('web web #1')
  expect(instanceName(source({ instance: '1' }), false)).toBe('web #1')
  expect(instanceName(source({ app: '', process: '', instance: '' }))).toBe('platform')
})
