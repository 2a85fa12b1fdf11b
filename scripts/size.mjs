// `npm run size`: prints the size of each build in bytes of brotli.
import { toFile, weighBuilds, weighParts } from './weigh.mjs'

for (const { what, bytes, maxBytes, goalBytes } of weighBuilds())
  console.log(`${what}: ${bytes} B brotli (budget ${maxBytes}, goal ${goalBytes})`)

if (process.argv.includes('--parts')) {
  console.log('\n| part | brotli B |\n|---|---:|')
  for (const { part, bytes } of await weighParts(toFile)) console.log(`| \`${part}\` | ${bytes} |`)
}
