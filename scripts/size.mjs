// `npm run size`: what each build weighs (brotli). With --parts also what each file of the module weighs.
import { toFile, weighBuilds, weighParts } from './weigh.mjs'

for (const { what, bytes, maxBytes, goalBytes } of weighBuilds())
  console.log(`${what}: ${bytes} B brotli (budget ${maxBytes}, goal ${goalBytes})`)

if (process.argv.includes('--parts')) {
  console.log('\n| part | brotli B |\n|---|---:|')
  for (const { part, bytes } of await weighParts(toFile)) console.log(`| \`${part}\` | ${bytes} |`)
}
