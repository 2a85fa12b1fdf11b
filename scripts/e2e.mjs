// `npm run test:e2e`: runs the tests in the browser, after the builds that differ in one place. `commands.mjs` has its options.
import { spawnSync } from 'node:child_process'
import process from 'node:process'
import { makeVariants } from './variants.mjs'

await makeVariants()
const { status } = spawnSync('playwright', ['test', ...process.argv.slice(2)], {
  stdio: 'inherit',
  shell: process.platform === 'win32',
})
process.exitCode = status ?? 1
