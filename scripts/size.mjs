// Weighs each build as a browser would load it (brotli) and holds it to its budget; `npm run size`, and a test.
import { readFileSync } from 'node:fs'
import { brotliCompressSync } from 'node:zlib'

export const budgets = JSON.parse(readFileSync(new URL('../budgets.json', import.meta.url), 'utf8'))

/** Bytes of a file after brotli at its greatest quality. */
export function weigh(path) {
  return brotliCompressSync(readFileSync(new URL(`../${path}`, import.meta.url))).length
}

if (process.argv[1]?.endsWith('size.mjs')) {
  for (const { what, path, maxBytes, goalBytes } of budgets)
    console.log(`${what}: ${weigh(path)} B brotli (budget ${maxBytes}, goal ${goalBytes})`)
}
