import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { launchArgs, shellBeside } from '../scripts/browser.mjs'

test('a browser of the tests keeps off what this version of Playwright turns off', () => {
  const bundle = readFileSync('node_modules/playwright-core/lib/coreBundle.js', 'utf8')
  const [, list = ''] = /disabledFeatures = \[([^\]]*)\]/.exec(bundle) ?? []
  const names = [...list.matchAll(/^\s*"(\w+)"/gm)].map(([, name]) => name)
  expect(names).toContain('HttpsUpgrades')
  const ours = launchArgs.at(-1)?.replace('--disable-features=', '').split(',')
  expect(names.filter(name => !name?.startsWith('ms') && !ours?.includes(name))).toEqual([])
})

test('the headless shell is looked for where this version of Playwright puts it', () => {
  const bundle = readFileSync('node_modules/playwright-core/lib/coreBundle.js', 'utf8')
  for (const [system, name = ''] of bundle.matchAll(
    /"(?:linux|mac)-\w+": \["chrome-headless-shell-([\w-]+)", "chrome-headless-shell"\]/g,
  ))
    expect(shellBeside(`/cache/chromium-1248/chrome-${name}/chrome`), system).toBe(
      `/cache/chromium_headless_shell-1248/chrome-headless-shell-${name}/chrome-headless-shell`,
    )
  expect.assertions(4)
})
