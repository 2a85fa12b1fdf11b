import { readFileSync } from 'node:fs'
import { expect, test } from '@playwright/test'
import type { Tracker } from '../../src/index.js'
import { makeProfile, removeProfile } from '../faults/browser.js'
import { startCollector } from '../helpers/collector.js'
import { startSite } from '../helpers/site.js'
import { engines, isThere, openBrowser, type Tab, titles } from './engine.js'
import { until } from './house.js'

// An engine without the Navigation API must know a push from a replacement, and each has its own idea of a frame that is
// not displayed.

const asked = process.env.SOJOURN_ENGINES?.split(',') ?? engines

for (const engine of engines)
  if (asked.includes(engine))
    test(`records one view per page seen, with its title, in ${titles[engine]}`, {
      // In Chromium page-views.spec.ts shows more. Firefox, which has no Navigation API either, takes three times as long as WebKit.
      tag: engine === 'webkit' ? ['@once', '@short'] : '@once',
    }, async () => {
      test.skip(!isThere(engine), `${titles[engine]} is not installed`)
      const collector = await startCollector()
      const tag = `<script src="/sojourn.js" data-collector="${collector.url}" data-key="views" data-flush-every-ms="300"></script>`
      const frames = ['style="display:none"', 'style="visibility:hidden"', 'width="0" height="0" style="border:0"']
      const own = `<script>{
        const { pushState } = history
        window.push = path => pushState.call(history, {}, '', path)
        history.pushState = function (...given) { return pushState.apply(this, given) }
      }</script>`
      const pages: Record<string, string> = {
        '/router': `<!doctype html>${own}${tag}<title>Router</title><body>Router</body>`,
        '/frames': `<!doctype html>${tag}<title>Frames</title><body>${frames
          .map((look, n) => `<iframe src="/hidden-${n}" ${look}></iframe>`)
          .join('')}<iframe src="/visible" width="300" height="200"></iframe></body>`,
        '/late': `<!doctype html>${tag}<script>sojourn.track('Early')</script><title>Late</title><body>Late</body>`,
      }
      const site = await startSite(path => {
        if (path === '/sojourn.js') return readFileSync('dist/sojourn.js', 'utf8')
        return pages[path] ?? `<!doctype html>${tag}<title>Title of ${path}</title><body>${path}</body>`
      })
      const profile = makeProfile()
      const browser = await openBrowser(engine, { profile })

      async function open(path: string): Promise<Tab> {
        const tab = await browser.open(site.url + path)
        await until(tab, () => 'sojourn' in window && document.readyState === 'complete', null)
        return tab
      }
      /** Path and title of the pages of the visit, in order. */
      async function seen(tab: Tab): Promise<string[]> {
        const visitID = await tab.run(async () => {
          const { sojourn } = window as unknown as { sojourn: Tracker }
          await sojourn.flush()
          return sojourn.status().visitID
        }, null)
        const reply = await collector.get<{ items: { url: string; title: string; startDate: number }[] }>(
          `/v1/visits/${visitID}/pages`,
        )
        const items = (reply?.items ?? []).sort((a, b) => a.startDate - b.startDate)
        return items.map(({ url, title }) => `${url.replace(site.url, '')} ${title}`)
      }

      try {
        const tab = await open('/search')
        await tab.run(async () => {
          const wait = (ms: number): Promise<void> => new Promise(resolve => setTimeout(resolve, ms))
          await wait(1200)
          for (const q of ['s', 'sh', 'shoes']) {
            history.replaceState({}, '', `/search?q=${q}`)
            await wait(100)
          }
          history.pushState({}, '', '/search?q=shoes')
          await wait(100)
          document.title = 'Item'
          // A script may bypass the patch of the instance.
          History.prototype.pushState.call(history, {}, '', '/item')
          await wait(150)
          history.replaceState({}, '', '/checked-item')
          await wait(150)
          location.hash = 'reviews'
          await wait(150)
          location.hash = '#/route'
          await wait(100)
          document.title = 'Route'
          await wait(300)
          history.back()
          await wait(150)
          document.title = 'Item again'
          await wait(300)
        }, null)
        const first = [
          '/search Title of /search',
          '/checked-item Item',
          '/checked-item#/route Route',
          '/checked-item Item again',
        ]
        await expect.poll(() => seen(tab)).toEqual(first)
        await tab.load(`${site.url}/late`)
        await until(tab, () => location.pathname === '/late' && 'sojourn' in window, null)
        await expect.poll(() => seen(tab)).toEqual([...first, '/late Late'])
        // A router that was there before the library: its own method calls that of the browser, and so do scripts that have read
        // it. Where there is no Navigation API, the next title tells of their change, or the next call.
        await tab.load(`${site.url}/router`)
        await until(tab, () => location.pathname === '/router' && 'sojourn' in window, null)
        await tab.run(async () => {
          const wait = (ms: number): Promise<void> => new Promise(resolve => setTimeout(resolve, ms))
          await wait(300)
          history.pushState({}, '', '/routed')
          await wait(100)
          document.title = 'Routed'
          await wait(300)
          const { push, sojourn } = window as unknown as { push(path: string): void; sojourn: Tracker }
          push('/unheard')
          await wait(100)
          document.title = 'Unheard'
          await wait(300)
          document.title = 'Same title'
          await wait(300)
          push('/called')
          await wait(100)
          sojourn.track('Called')
          await wait(300)
        }, null)
        const routed = ['/router Router', '/routed Routed', '/unheard Same title', '/called Same title']
        await tab.load(`${site.url}/frames`)
        await until(tab, () => location.pathname === '/frames' && document.readyState === 'complete', null)
        await tab.run(() => new Promise(resolve => setTimeout(resolve, 700)), null)
        // The end of a page corrects a title that came after the page was sent.
        const before = [...first, '/late Late', ...routed]
        await expect.poll(async () => (await seen(tab)).slice(0, before.length)).toEqual(before)
        await expect
          .poll(async () => (await seen(tab)).slice(before.length).sort())
          .toEqual(['/frames Frames', '/visible Title of /visible'])
        expect(browser.heard).toEqual([])
      } finally {
        await browser.quit()
        removeProfile(profile)
        await site.stop()
        await collector.stop()
      }
    })
