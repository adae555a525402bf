import { describe, expect, test } from 'vitest'
import { type LogEnvelope, messagesOf } from '../traffic/agent.ts'
import { createScene, tide } from './scene.ts'
import type { Message } from './world.ts'

const start = Date.parse('2026-11-24T04:00:00Z') * 1000
const scene = (said: string[] = []) =>
  createScene({ seed: 7, rate: 110, startMicros: start, say: text => said.push(text) })

/** What comes in so many seconds, in the steps of the demo. */
function play(seconds: number, { advance } = scene()): Message[] {
  const messages: Message[] = []
  for (let step = 1; step <= seconds * 10; step++) messages.push(...advance(start + step * 100_000))
  return messages
}

const isLog = (envelope: Message['envelope']): envelope is LogEnvelope => envelope.kind === 'log'

describe('a scene', () => {
  test('shows charts and lines of several apps within five seconds', () => {
    const messages = play(5)
    const logs = messages.map(({ envelope }) => envelope).filter(isLog)
    expect(logs.length).toBeGreaterThan(250)
    expect(new Set(logs.map(({ tags }) => tags['app_name'])).size).toBeGreaterThan(6)
    expect(new Set(logs.map(({ tags }) => tags['source_type']))).toContain('RTR')
    const instances = messages.filter(
      ({ envelope }) => envelope.kind === 'gauge' && envelope.metrics[0]?.name === 'cpu'
    )
    expect(instances.length).toBeGreaterThanOrEqual(20)
  })

  test('has every kind of envelope and of platform line in two minutes', () => {
    const messages = play(120)
    expect(new Set(messages.map(({ envelope }) => envelope.kind))).toEqual(
      new Set(['log', 'gauge', 'counter', 'timer', 'event'])
    )
    const logs = messages.map(({ envelope }) => envelope).filter(isLog)
    const types = logs.map(({ tags }) => tags['source_type']?.split('/').slice(0, 2).join('/'))
    expect([...new Set(types)].sort()).toEqual([
      'API',
      'APP/PROC',
      'APP/TASK',
      'CELL',
      'HEALTH',
      'PROXY',
      'RTR',
      'SSH',
      'STG'
    ])
    expect(logs.length).toBeGreaterThan(120 * 80)
    expect(logs.length).toBeLessThan(120 * 160)
  })

  test('gives each connection its messages in the order of time', () => {
    const last = new Map<string, number>()
    for (const { vm, app, envelope } of play(20)) {
      const key = `${vm.index} ${app?.id}`
      expect(envelope.timeMicros).toBeGreaterThanOrEqual(last.get(key) ?? 0)
      last.set(key, envelope.timeMicros)
    }
  })

  test('is the same again with the same seed', () => {
    const bytes = () => play(10).flatMap(({ envelope }) => messagesOf(envelope).map(message => message.toString()))
    expect(bytes()).toEqual(bytes())
  })

  test('tells of what happens', () => {
    const said: string[] = []
    play(40, scene(said))
    expect(said.join('\n')).toMatch(/is deployed[\s\S]*crashes with a \w+ stack trace[\s\S]*fails for \d+ s/)
  })

  test('does not make up for hours in which nobody asked', () => {
    const { advance } = scene()
    advance(start + 100_000)
    expect(advance(start + 3600 * 1e6).length).toBeLessThan(2000)
  })
})

test('the tide has waves and bursts', () => {
  const load = Array.from({ length: 120 }, (_, second) => 110 * tide(second))
  expect(Math.min(...load)).toBeGreaterThan(40)
  expect(Math.max(...load.slice(0, 30))).toBeLessThan(200)
  expect(Math.max(...load.slice(30, 35))).toBeGreaterThan(200)
})
