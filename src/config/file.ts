import { existsSync } from 'node:fs'
import { registerHooks } from 'node:module'
import { resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { CulvertError, messageOf } from '../core/errors.ts'

export const defaultConfigFile = 'culvert.config.ts'

/** A configuration file that was loaded; `value` is what it exports as its default. */
export interface LoadedFile {
  readonly path: string
  readonly value: unknown
}

/** The file that CULVERT_CONFIG names, which must exist, or the default one, where it is there. Throws CONFIG_INVALID. */
export function configFileOf(env: Readonly<Record<string, string | undefined>>): string | undefined {
  const named = env['CULVERT_CONFIG']?.trim()
  const path = resolve(named || defaultConfigFile)
  if (existsSync(path)) return path
  if (!named) return undefined
  throw new CulvertError('CONFIG_INVALID', `CULVERT_CONFIG: there is no file ${path}.`)
}

/**
 * Has Node load the file; what it imports as `culvert` is the running Culvert, wherever the file lies. Throws CONFIG_INVALID with the
 * place of the mistake. A thread loads a file once: it is not read again.
 */
export async function loadConfigFile(path: string): Promise<LoadedFile> {
  const hooks = registerHooks({
    resolve(specifier, context, next) {
      const own = ownModules[specifier]
      if (own !== undefined) return { url: own, shortCircuit: true }
      const found = next(specifier, context)
      // A folder without package.json need not say that its files are modules.
      const isTypeScript = found.url.endsWith('.ts') && (found.format === undefined || found.format === null)
      return isTypeScript ? { ...found, format: 'module-typescript' } : found
    }
  })
  try {
    const module: Readonly<Record<string, unknown>> = await import(pathToFileURL(path).href)
    if (module['default'] === undefined)
      throw new Error('it has no default export: write `export default defineConfig({ … })`')
    return { path, value: module['default'] }
  } catch (error) {
    throw new CulvertError('CONFIG_INVALID', `${placeOf(error, path)} cannot be loaded: ${messageOf(error)}`, {
      cause: error
    })
  } finally {
    hooks.deregister()
  }
}

const ownModules: Readonly<Record<string, string>> = {
  culvert: new URL('../index.ts', import.meta.url).href
}

/** The file that is at fault and its line, as the error's stack names them. */
function placeOf(error: unknown, path: string): string {
  const stack = error instanceof Error ? (error.stack ?? '') : ''
  const [, file, line] = /file:\/\/(\/[^\n]*?\.[cm]?[jt]s):(\d+)/.exec(stack.split('node:internal')[0]!) ?? []
  return file === undefined || file.includes('/src/config/') ? path : `${decodeURI(file)}:${line}`
}
