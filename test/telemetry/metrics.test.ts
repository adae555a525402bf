import { expect, onTestFinished, test } from 'vitest'
import { definitions } from '../../src/telemetry/metric-names.ts'
import { createMetrics } from '../../src/telemetry/metrics.ts'
import { exampleStatus } from './status.ts'

function open(status = exampleStatus) {
  const metrics = createMetrics({ status: () => status, tail: () => ({ clients: 2, dropped: 7 }) })
  onTestFinished(() => metrics.stop())
  return metrics
}

test('the books of every lane', async () => {
  const text = await open().text()
  const lane = 'lane="elasticsearch",sink="elasticsearch",partition="0"'
  expect(text).toContain(`culvert_lane_received_frames_total{${lane}} 100`)
  expect(text).toContain(`culvert_lane_frames_total{${lane},outcome="stored"} 80`)
  expect(text).toContain(`culvert_lane_frames_total{${lane},outcome="lost"} 2`)
  expect(text).toContain(`culvert_lane_state{${lane},state="retrying"} 1`)
  expect(text).toContain(`culvert_lane_state{${lane},state="running"} 0`)
  expect(text).toContain(`culvert_lane_lag_seconds{${lane}} 1.5`)
})

test('listeners, journal, tail and process', async () => {
  const text = await open().text()
  for (const line of [
    'culvert_info{version="0.1.0"} 1',
    'culvert_ready 1',
    'culvert_sources 12',
    'culvert_marked_events_total{mark="unparsed"} 2',
    'culvert_listener_frames_total{listener="syslog"} 100',
    'culvert_listener_problems_total{listener="syslog",problem="truncated"} 3',
    'culvert_listener_waiting_posts{listener="syslog"} 2',
    'culvert_memory_used_bytes{share="frames"} 8192',
    'culvert_memory_limit_bytes{share="decoded"} 33554432',
    'culvert_memory_waiting{share="frames"} 1',
    'culvert_memory_waits_total{share="frames"} 4',
    'culvert_journal_bytes 4096',
    'culvert_journal_retained_bytes 1024',
    'culvert_journal_oldest_timestamp_seconds{partition="0"} 1795499000',
    'culvert_journal_state{state="ok"} 1',
    'culvert_journal_state{state="full"} 0',
    'culvert_lost_before_messages_total 10000',
    'culvert_lost_before_rate_limits_total 4',
    'culvert_lost_before_counter_gaps_total 2',
    'culvert_dead_letters{lane="elasticsearch"} 3',
    'culvert_dead_letters_bytes{lane="elasticsearch"} 4500',
    'culvert_dead_letters_put_back_total{lane="elasticsearch"} 7',
    'culvert_tail_clients 2',
    'culvert_tail_dropped_rows_total 7'
  ]) {
    expect(text.split('\n')).toContain(line)
  }
  expect(text).toMatch(/^process_cpu_seconds_total \d/m)
  expect(text).toMatch(/^process_resident_memory_bytes [1-9]\d+$/m)
  expect(text).toMatch(/^nodejs_eventloop_lag_p99_seconds \d/m)
})

test('listeners of the same name add up, and a second scrape does not', async () => {
  const listener = exampleStatus.listeners[0]!
  const metrics = open({ ...exampleStatus, listeners: [listener, listener] })
  await metrics.text()
  expect(await metrics.text()).toContain('culvert_listener_frames_total{listener="syslog"} 200')
})

test('names are by the rule, each once, each with a sentence', () => {
  for (const { name, type, help } of definitions) {
    expect(name).toMatch(/^(culvert|process|nodejs)(_[a-z0-9]+)+$/)
    expect(name.endsWith('_total')).toBe(type === 'counter')
    expect(help).toMatch(/\.$/)
  }
  expect(new Set(definitions.map(({ name }) => name)).size).toBe(definitions.length)
})
