import {
  type BaseArguments,
  CounterEvent,
  type Event,
  GaugeEvent,
  PlatformEvent,
  TimerEvent
} from '../src/core/event.ts'

export const metricElements = ['gauge@47450', 'counter@47450', 'timer@47450', 'event@47450'] as const
export type MetricElement = (typeof metricElements)[number]
export const isMetricElement = (name: string): name is MetricElement => metricElements.some(known => known === name)

/**
 * The typed event of a frame whose structured data holds a metric element of the platform (rfc5424.go): gauge (value in Go's %g,
 * also NaN and +Inf), counter (unsigned 64-bit), timer (signed 64-bit ns), event. Undefined if its parameters are not those.
 */
export function readMetric(
  element: MetricElement,
  parameters: Readonly<Record<string, string>>,
  base: BaseArguments
): Event | undefined {
  const { name } = parameters
  if (element === 'event@47450') {
    const { title, body } = parameters
    if (title === undefined && body === undefined) return undefined
    return new PlatformEvent(base, title ?? '', body ?? '')
  }
  if (name === undefined) return undefined
  if (element === 'gauge@47450') {
    const value = number(parameters.value)
    if (value === undefined) return undefined
    return new GaugeEvent(base, name, value, parameters.unit ?? '')
  }
  const [first, second] =
    element === 'counter@47450'
      ? [unsigned(parameters.total), unsigned(parameters.delta)]
      : [signed(parameters.start), signed(parameters.stop)]
  if (first === undefined || second === undefined) return undefined
  return element === 'counter@47450'
    ? new CounterEvent(base, name, first, second)
    : new TimerEvent(base, name, first, second)
}

function number(text: string | undefined): number | undefined {
  if (text === '+Inf' || text === 'Inf') return Number.POSITIVE_INFINITY
  if (text === '-Inf') return Number.NEGATIVE_INFINITY
  if (text === 'NaN') return Number.NaN
  return text !== undefined && /^[-+]?(\d+\.?\d*|\.\d+)(e[-+]?\d+)?$/i.test(text) ? Number(text) : undefined
}

const unsigned = (text: string | undefined): bigint | undefined =>
  text !== undefined && /^\d{1,20}$/.test(text) ? BigInt.asUintN(64, BigInt(text)) : undefined

const signed = (text: string | undefined): bigint | undefined =>
  text !== undefined && /^-?\d{1,19}$/.test(text) ? BigInt.asIntN(64, BigInt(text)) : undefined
