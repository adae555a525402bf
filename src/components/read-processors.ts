import { redact, redactOptions } from '../../processors/redact.ts'
import { messageOf } from '../core/errors.ts'
import { isComponent } from './component.ts'
import { isObject } from './config-file.ts'
import { eachEvent, eachLogOf, ownProcessor } from './own-processor.ts'
import { knownProcessors, type ProcessorSetting } from './processors.ts'
import { readOptions } from './read-options.ts'

/** A list of processors; what is wrong goes to `problems`, with its path. */
export function readProcessors(path: string, list: unknown, problems: string[]): readonly ProcessorSetting[] {
  if (list === undefined) return []
  if (!Array.isArray(list)) {
    problems.push(`${path}: must be a list, as in \`${path}: [routerLog(), jsonLog()]\``)
    return []
  }
  return list.flatMap((entry, index) => {
    if (isComponent(entry) && entry.kind === 'redact' && isObject(entry.options)) {
      const at = { path: `${path}[${index}]`, options: entry.options }
      const options = readOptions(redactOptions, at, {}, {}, problems)
      return options === undefined ? [] : [{ name: 'redact', create: () => redact(options) }]
    }
    const setting = settingOf(entry)
    if (typeof setting !== 'string') return setting
    problems.push(`${path}[${index}]: ${setting}`)
    return []
  })
}

/** The setting, or what is wrong with it. */
function settingOf(entry: unknown): ProcessorSetting | string {
  if (isFunction(entry)) {
    if (entry.name === '') return 'the function has no name, which its counts need: write `function name(event) { … }`'
    return wrongFunction(entry) ?? { name: entry.name, create: () => ownProcessor(entry.name, eachEvent(entry)) }
  }
  if (!isComponent(entry))
    return 'must be routerLog(), jsonLog(), redact(), eachLog(), processor() or a function of your own'
  const { kind, options } = entry
  const known = Object.hasOwn(knownProcessors, kind) ? knownProcessors[kind] : undefined
  if (known !== undefined) return { name: kind, create: known }
  if (kind !== 'each-log' && kind !== 'processor') return `${kind}() is no processor`
  const { name, change, create } = isObject(options) ? options : {}
  if (typeof name !== 'string' || !/^.{1,80}$/.test(name)) return 'needs a name of up to 80 characters first'
  if (kind === 'processor') return ofCreate(name, create)
  if (!isFunction(change)) return 'needs a function second'
  return wrongFunction(change) ?? { name, create: () => ownProcessor(name, eachLogOf(change)) }
}

/** It is called once here, so that the delivery worker does not fail on it. */
function ofCreate(name: string, create: unknown): ProcessorSetting | string {
  if (!isFunction(create)) return 'needs a function second'
  const make = (): unknown => create()
  try {
    const made = make()
    const wrong = isFunction(made) ? wrongFunction(made) : 'its function must answer a function of events'
    if (wrong !== undefined) return wrong
  } catch (error) {
    return `its function throws: ${messageOf(error)}`
  }
  return { name, create: () => ownProcessor(name, create()) }
}

const isFunction = (value: unknown): value is (...args: unknown[]) => never => typeof value === 'function'

/** Processors answer at once: everything behind them waits. */
const wrongFunction = (given: (...args: unknown[]) => unknown): string | undefined =>
  given.constructor === Function
    ? undefined
    : 'the function is async or a generator, and a processor has to answer at once'
