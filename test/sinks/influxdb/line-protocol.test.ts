import { expect, test } from 'vitest'
import { encodeLines } from '../../../sinks/influxdb/line-protocol.ts'
import { appId, appLine, eventsOf } from '../wire-events.ts'

const app =
  `app_id="${appId}" app_name="shop-api" organization_name="acme" space_name="prod space" process_type="web" ` +
  'process_instance_id="7b6d1c1e-9f0a-4a3d-5f2e-1c2b" index="cell-7" deployment="cf" job="diego-cell" ip="10.0.16.12"'
const frame = (element: string, tags = `${app} origin="rep"`, head = `h ${appId} [2]`): string =>
  `<14>1 2026-11-24T04:29:03.785942+00:00 ${head} - [${element}][tags@47450 ${tags}] \n`
const gauge = (name: string, value: string, tags?: string): string =>
  frame(`gauge@47450 name="${name}" value="${value}" unit="u"`, tags)
const lines = (...frames: string[]): string[] => encodeLines(eventsOf(frames)).body.split('\n').slice(0, -1)

const instance = `app=shop-api,app_id=${appId},instance=2`
const place = 'org=acme'
const rest = 'process=web,space=prod\\ space'

test('the gauges of a container are fields of one point, without the cell', () => {
  expect(lines(gauge('cpu', '0.23'), gauge('memory', '2.68435456e+08'))).toEqual([
    `container,${instance},${place},${rest} cpu=0.23 1795494543785942000`,
    `container,${instance},${place},${rest} memory=268435456 1795494543785942000`
  ])
})

test('an app’s own gauge of the same name is no container’s', () => {
  expect(lines(gauge('memory', '1', `${app} origin="my-metrics"`))).toEqual([
    `gauge,${instance},name=memory,${place},origin=my-metrics,${rest} value=1 1795494543785942000`
  ])
})

test('without tags the name says that it is a container’s', () => {
  const bare = `<14>1 2026-11-24T04:29:03+00:00 acme.prod.shop ${appId} [1] - [gauge@47450 name="cpu" value="2" unit=""] \n`
  expect(lines(bare)).toEqual([
    `container,app=shop,app_id=${appId},instance=1,org=acme,space=prod cpu=2 1795494543000000000`
  ])
})

test('a counter has floats and its exact total', () => {
  expect(lines(frame('counter@47450 name="requests.total" total="18446744073709551615" delta="5"'))).toEqual([
    `counter,${instance},name=requests.total,${place},origin=rep,${rest} ` +
      'total=18446744073709552000,delta=5,total_uint=18446744073709551615u 1795494543785942000'
  ])
})

test('timers of one microsecond have times of their own, and only bounded tags', () => {
  const timer = frame(
    'timer@47450 name="http" start="1795494543773760488" stop="1795494543786106547"',
    `${app} origin="gorouter" method="GET" status_code="200" peer_type="Server" request_id="abc" uri="https://x/y" ` +
      'remote_address="10.0.4.7:41234" user_agent="curl" content_length="15" forwarded="203.0.113.9"'
  )
  const tags = `${instance},method=GET,name=http,${place},origin=gorouter,peer_type=Server,process=web,space=prod\\ space,status_code=200`
  expect(lines(timer, timer)).toEqual([
    `timer,${tags} duration=12.346059 1795494543785942000`,
    `timer,${tags} duration=12.346059 1795494543785942001`
  ])
})

test('a platform metric has the place of its job', () => {
  const tags = 'deployment="cf" index="6a1e7a5c" ip="10.0.4.7" job="router" origin="gorouter"'
  const element = 'gauge@47450 name="total_requests" value="1234" unit="count"'
  expect(lines(frame(element, tags, '- gorouter [6a1e7a5c]'))).toEqual([
    'gauge,deployment=cf,index=6a1e7a5c,job=router,name=total_requests,origin=gorouter,source_id=gorouter value=1234 1795494543785942000'
  ])
})

test.each([
  ['direction', 'ingress', 'direction=ingress'],
  ['status', '5xx', 'status=5xx'],
  ['app', 'theirs', 'tag_app=theirs'],
  ['_field', 'x', 'tag__field=x'],
  ['time', 'x', 'tag_time=x'],
  ['a,b', 'x', 'a\\,b=x'],
  ['empty', '', undefined],
  ['uri', 'short', undefined],
  ['some_id', '7b6d1c1e-9f0a-4a3d-5f2e-1c2b7b6d1c1e', undefined],
  ['trace', '4bf92f3577b34da6', undefined],
  ['peer', '10.0.4.7', undefined],
  ['peer', '10.0.4.7:8080', undefined],
  ['peer', '[2001:db8::1]:443', undefined],
  ['target', 'https://x', undefined],
  ['path', '/orders/1', undefined],
  ['order', '8421399', undefined],
  ['long', 'x'.repeat(65), undefined]
])('a metric’s own tag %s=%s', (name, value, expected) => {
  const [line] = lines(frame('gauge@47450 name="g" value="1" unit=""', `${name}="${value}"`, '- job [1]'))
  const tags = ['instance=1', 'name=g', 'source_id=job', ...(expected === undefined ? [] : [expected])].sort()
  expect(line).toBe(`gauge,${tags.join(',')} value=1 1795494543785942000`)
})

test('what no line can hold is replaced', () => {
  const [line] = lines(frame('gauge@47450 name="#a =,b\\\\" value="1" unit=""', 'app_name="x\ny\t\\\\" app_id="1"'))
  expect(line).toBe('gauge,app=x\\ y\\ \\_,app_id=1,instance=2,name=#a\\ \\=\\,b\\_ value=1 1795494543785942000')
})

test('a gauge without a name has one', () => {
  expect(lines(frame('gauge@47450 name="" value="1" unit=""', 'a="b"', '- job [1]'))[0]).toContain(',name=-,')
})

test('NaN and infinite gauges are unsayable, by their place in the batch', () => {
  const batch = eventsOf([gauge('cpu', 'NaN'), gauge('cpu', '1'), gauge('x', '+Inf'), gauge('y', '-Inf')])
  const { count, unsayable } = encodeLines(batch)
  expect([count, unsayable]).toEqual([
    1,
    [
      { index: 0, reason: 'InfluxDB has no NaN: gauge cpu' },
      { index: 2, reason: 'InfluxDB has no Infinity: gauge x' },
      { index: 3, reason: 'InfluxDB has no -Infinity: gauge y' }
    ]
  ])
})

test('logs are no points', () => {
  expect(encodeLines(eventsOf([appLine('x')]))).toEqual({ body: '', count: 0, unsayable: [] })
})
