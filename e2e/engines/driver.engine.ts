import { expect, test } from '@playwright/test'
import { makeProfile, removeProfile } from '../faults/browser.js'
import { startSite } from '../helpers/site.js'
import { engines, isThere, openBrowser, titles } from './engine.js'
import { until } from './house.js'

// Tests the drivers themselves. With a driver that misses console lines, or loses the profile, the cases would prove
// nothing.

declare global {
  interface Window {
    speak(): void
    write(text: string): Promise<void>
    read(): Promise<string>
  }
}

const html = `<!doctype html><title>Driver</title><h1>Driver</h1>
<script>
  window.speak = () => {
    console.log('a line of the page')
    setTimeout(() => { throw new Error('an error of the page') })
  }
  const opened = new Promise(resolve => {
    const opening = indexedDB.open('driver', 1)
    opening.onupgradeneeded = () => opening.result.createObjectStore('texts')
    opening.onsuccess = () => resolve(opening.result)
  })
  window.write = async text => {
    const tx = (await opened).transaction('texts', 'readwrite', { durability: 'strict' })
    tx.objectStore('texts').put(text, 0)
    await new Promise(resolve => (tx.oncomplete = resolve))
  }
  window.read = async () => {
    const request = (await opened).transaction('texts').objectStore('texts').get(0)
    await new Promise(resolve => (request.onsuccess = resolve))
    return request.result
  }
</script>`

const asked = process.env.SOJOURN_ENGINES?.split(',') ?? engines

for (const engine of engines)
  if (asked.includes(engine))
    test(`the driver hears what a page says and throws, and a killed browser finds its profile again, in ${titles[engine]}`, {
      // Firefox takes ten times as long for it as the others, and the tests of Chromium have its driver in other ways.
      tag: engine === 'webkit' ? ['@once', '@short'] : '@once',
    }, async () => {
      test.skip(!isThere(engine), `${titles[engine]} is not installed`)
      const site = await startSite(() => html)
      const profile = makeProfile()
      let browser = await openBrowser(engine, { profile })
      try {
        const tab = await browser.open(site.url)
        await until(tab, () => !!window.read, null)
        await tab.run(() => window.speak(), null)
        await expect.poll(() => browser.heard.join('\n')).toContain('a line of the page')
        await expect.poll(() => browser.heard.join('\n')).toContain('an error of the page')
        await tab.run(() => window.write('kept'), null)
        browser.kill()
        await browser.gone()

        browser = await openBrowser(engine, { profile })
        const next = await browser.open(site.url)
        await until(next, () => !!window.read, null)
        expect(await next.run(() => window.read(), null)).toBe('kept')
        await next.hide()
        await next.close()
        expect(browser.heard).toEqual([])
      } finally {
        await browser.quit()
        removeProfile(profile)
        await site.stop()
      }
    })
