import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { launchArgs } from '../scripts/browser.mjs'

test('a browser of the tests keeps off what this version of Playwright turns off', () => {
  const bundle = readFileSync('node_modules/playwright-core/lib/coreBundle.js', 'utf8')
  const [, list = ''] = /disabledFeatures = \[([^\]]*)\]/.exec(bundle) ?? []
  const names = [...list.matchAll(/^\s*"(\w+)"/gm)].map(([, name]) => name)
  expect(names).toContain('HttpsUpgrades')
  const ours = launchArgs.at(-1)?.replace('--disable-features=', '').split(',')
  expect(names.filter(name => !name?.startsWith('ms') && !ours?.includes(name))).toEqual([])
})
