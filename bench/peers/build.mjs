// Builds each tracker with the same bundler and the same settings: what a site pays for start, identify, page and track.

import { fileURLToPath } from 'node:url'
import { brotliCompressSync, constants } from 'node:zlib'
import { rolldown } from 'rolldown'

/** @returns the script that sets the global `Peer`, and its size in bytes of brotli. */
export async function buildTracker(name) {
  const input = fileURLToPath(new URL(`trackers/${name}.js`, import.meta.url))
  const bundle = await rolldown({
    input,
    platform: 'browser',
    logLevel: 'silent',
    // What OpenPanel loads for recordings of the screen, which are off.
    external: [/\/replay-\w+/],
    transform: { define: { 'process.env.NODE_ENV': '"production"' } },
  })
  const { output } = await bundle.generate({ format: 'iife', name: 'Peer', minify: true, codeSplitting: false })
  await bundle.close()
  const [{ code }] = output
  const brotli = brotliCompressSync(code, { params: { [constants.BROTLI_PARAM_QUALITY]: 11 } }).length
  return { code, brotli }
}
