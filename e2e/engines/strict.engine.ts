import { expect, test } from '@playwright/test'
import type { Tracker } from '../../src/index.js'
import { makeProfile, removeProfile } from '../faults/browser.js'
import { startCollector } from '../helpers/collector.js'
import { startSite } from '../helpers/site.js'
import { engines, isThere, openBrowser, titles } from './engine.js'
import { until } from './house.js'

// Whether what a script imports has the nonce of its tag, and whether Trusted Types ask about it, is each engine's matter.

const asked = process.env.SOJOURN_ENGINES?.split(',') ?? engines

for (const engine of engines)
  if (asked.includes(engine))
    test(`loads plugins under a policy with a nonce, in ${titles[engine]}`, {
      tag: '@once',
    }, async () => {
      test.skip(!isThere(engine), `${titles[engine]} is not installed`)
      const collector = await startCollector()
      const tag = `<script nonce="good" src="${collector.url}/sojourn.js" data-key="strict" data-plugins="clicks"></script>`
      const site = await startSite(
        () => `<!doctype html><title>Strict</title>${tag}<body><button data-sojourn-event="Pressed">Press</button>`,
        {
          'Content-Security-Policy': `default-src 'none'; script-src 'nonce-good'; connect-src ${collector.url}; require-trusted-types-for 'script'; trusted-types 'none'`,
        },
      )
      const profile = makeProfile()
      const browser = await openBrowser(engine, { profile })
      try {
        const tab = await browser.open(site.url)
        await until(tab, () => 'sojourn' in window && document.readyState === 'complete', null)
        await until(
          tab,
          async () => {
            const { sojourn } = window as unknown as { sojourn: Tracker }
            document.querySelector('button')?.click()
            return (await sojourn.records()).some(({ event }) => event.eventName === 'Pressed')
          },
          null,
        )
        expect(browser.heard).toEqual([])
      } finally {
        await browser.quit()
        await site.stop()
        await collector.stop()
        removeProfile(profile)
      }
    })
