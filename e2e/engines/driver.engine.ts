import { expect, test } from '@playwright/test'
import { makeProfile, removeProfile } from '../faults/browser.js'
import { startSite } from '../helpers/site.js'
import { engines, isThere, openBrowser, titles } from './engine.js'
import { until } from './house.js'

// What the cases rest on: a driver that hears nothing, or loses the profile, would pass them all or fail them all.

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
      tag: ['@once', '@short'],
    }, async () => {
      test.skip(!isThere(engine), `there is no ${titles[engine]} here`)
      const site = await startSite(() => html)
      const profile = makeProfile()
      const first = await openBrowser(engine, { profile })
      const tab = await first.open(site.url)
      await until(tab, () => !!window.read, null)
      await tab.run(() => window.speak(), null)
      await expect.poll(() => first.heard.join('\n')).toContain('a line of the page')
      await expect.poll(() => first.heard.join('\n')).toContain('an error of the page')
      await tab.run(() => window.write('kept'), null)
      first.kill()
      await first.gone()

      const second = await openBrowser(engine, { profile })
      const next = await second.open(site.url)
      await until(next, () => !!window.read, null)
      expect(await next.run(() => window.read(), null)).toBe('kept')
      await next.hide()
      await next.close()
      await second.quit()
      expect(second.heard).toEqual([])
      removeProfile(profile)
      await site.stop()
    })
