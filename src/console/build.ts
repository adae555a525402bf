import { consoleBuild } from './vite.config.ts'

/**
 * Builds the console into dist/console: what npm's `prepare` runs. Says one line; without the development dependencies
 * (`npm ci --omit=dev`) it leaves the build out and succeeds, and the API works without a console.
 */
const vite = await import('vite').catch(() => undefined)
if (vite === undefined) {
  console.log('The console was not built: the development dependencies are not installed.')
} else {
  const begun = performance.now()
  await vite.build({ ...consoleBuild, configFile: false, logLevel: 'warn' })
  console.log(`The console was built into dist/console in ${((performance.now() - begun) / 1000).toFixed(1)} s.`)
}
