/**
 * Builds the console into dist/console: what npm's `prepare` runs. Says one line; without the development dependencies
 * (`npm ci --omit=dev`) it leaves the build out and succeeds, and the API works without a console. JavaScript, since npm then runs it with
 * the system's Node, which may be too old for TypeScript.
 */
const vite = await import('vite').catch(error => {
  if (error.code !== 'ERR_MODULE_NOT_FOUND') throw error
})
if (vite === undefined) {
  console.log('The console was not built: the development dependencies are not installed.')
} else {
  const { consoleBuild } = await import('./vite.config.ts')
  const begun = performance.now()
  await vite.build({ ...consoleBuild, configFile: false, logLevel: 'warn' })
  console.log(`The console was built into dist/console in ${((performance.now() - begun) / 1000).toFixed(1)} s.`)
}
