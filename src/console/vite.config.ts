import { fileURLToPath } from 'node:url'
import type { InlineConfig } from 'vite'

/** The console's build: relative base (any mount point), hashed assets, nothing inline, so that a strict CSP can serve it. */
export const consoleBuild = {
  root: fileURLToPath(new URL('.', import.meta.url)),
  base: './',
  build: {
    outDir: fileURLToPath(new URL('../../dist/console', import.meta.url)),
    emptyOutDir: true,
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    reportCompressedSize: false,
    target: 'es2022'
  }
} satisfies InlineConfig

export default consoleBuild
