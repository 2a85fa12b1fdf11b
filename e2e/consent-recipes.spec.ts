import { readFileSync } from 'node:fs'
import { expect, type Page } from '@playwright/test'
import { type RunningCollector, startCollector } from './helpers/collector.js'
import { type Site, startSite } from './helpers/site.js'
import { test } from './helpers/test.js'

// The samples of the guide, taken from its text, against the events and globals that each banner documents.

const guide = readFileSync('docs/guide/consent-and-privacy.md', 'utf8')

/** The code below `<!-- sample: name -->`. */
function sample(name: string): string {
  const found = new RegExp(`<!-- sample: ${name} -->\\s+\`\`\`\\w+\\n([\\s\\S]*?)\\n\`\`\``).exec(guide)
  if (!found) throw new Error(`the guide has no sample ${name}`)
  return found[1] as string
}

/** What a visitor does with a banner: `window.banner` of each stub. Its word stays over page loads, as in a cookie. */
interface Banner {
  accept(): void
  reject(): void
  /** The visitor, or time, takes the choice back. */
  reset(): void
}

declare global {
  interface Window {
    banner: Banner
  }
}

/** Says what was chosen at the last page load, as a cookie does. */
const choice = `
  const choice = () => (/choice=(\\w+)/.exec(document.cookie) || [])[1]
  const choose = word => { document.cookie = 'choice=' + word + '; path=/' }
  const forget = () => { document.cookie = 'choice=; path=/; max-age=0' }`

const stubs: Record<string, string> = {
  // OneTrustGroupsUpdated at each load and each decision, with the active groups in detail. IsAlertBoxClosed: it was answered.
  onetrust: `
    const groups = () => (choice() === 'yes' ? ['C0001', 'C0002'] : ['C0001'])
    const update = () => {
      window.OnetrustActiveGroups = ',' + groups().join(',') + ','
      dispatchEvent(new CustomEvent('OneTrustGroupsUpdated', { detail: groups() }))
    }
    window.OneTrust = { IsAlertBoxClosed: () => !!choice() }
    window.banner = {
      accept() { choose('yes'); update() }, reject() { choose('no'); update() }, reset() { forget(); update() },
    }
    update()`,
  // OnConsentReady after an answer and at a load with one, with OnAccept or OnDecline. Without one, OnDialogDisplay.
  cookiebot: `
    const state = () => { Cookiebot.consent.statistics = choice() === 'yes'; Cookiebot.hasResponse = !!choice() }
    window.Cookiebot = { consent: { necessary: true, statistics: false }, hasResponse: false }
    const update = () => {
      state()
      if (!choice()) return dispatchEvent(new Event('CookiebotOnDialogDisplay'))
      dispatchEvent(new Event(choice() === 'yes' ? 'CookiebotOnAccept' : 'CookiebotOnDecline'))
      dispatchEvent(new Event('CookiebotOnConsentReady'))
    }
    window.banner = {
      accept() { choose('yes'); update() }, reject() { choose('no'); update() }, reset() { forget(); update() },
    }
    setTimeout(update)`,
  // Watchers are told of each switch ('consents') and of what is saved ('saveConsents', 'applyConsents').
  klaro: `
    const watchers = new Set()
    const manager = {
      confirmed: !!choice(),
      consents: { sojourn: choice() === 'yes' },
      getConsent: name => manager.consents[name] || false,
      watch: watcher => watchers.add(watcher),
    }
    const notify = name => watchers.forEach(watcher => watcher.update(manager, name, manager.consents))
    const save = word => {
      manager.consents.sojourn = word === 'yes'
      notify('consents')
      choose(word)
      manager.confirmed = true
      notify('saveConsents')
      notify('applyConsents')
    }
    window.klaro = { getManager: () => manager }
    window.banner = {
      accept: () => save('yes'), reject: () => save('no'),
      reset() { forget(); manager.consents = { sojourn: false }; manager.confirmed = false; notify('applyConsents'); notify('consents') },
      toggle() { manager.consents.sojourn = !manager.consents.sojourn; notify('consents') },
    }`,
}

let collector: RunningCollector
let site: Site

test.beforeEach(async () => {
  collector = await startCollector()
  site = await startSite(path => {
    const name = path.slice(1)
    if (!stubs[name]) return ''
    const tag = sample('ask').replace('https://collector.example', collector.url)
    const scripts = [sample(name), `{${choice}\n${stubs[name]}}`]
    // Klaro is loaded before the sample, the others after it.
    if (name === 'klaro') scripts.reverse()
    return `<!doctype html><title>${name}</title>${tag}${scripts.map(one => `<script>${one}</script>`).join('')}`
  })
})

test.afterEach(async () => {
  await site.stop()
  await collector.stop()
})

const expectWord = (page: Page, word: string, when: string): Promise<void> =>
  expect.poll(() => page.evaluate(() => window.sojourn.status?.().consent), when).toBe(word)

for (const [n, name] of Object.keys(stubs).entries())
  test(`the sample for ${name} says what the visitor decides, and at the next page load what they had decided`, {
    tag: n ? '@long' : [],
  }, async ({ page }) => {
    const errors: string[] = []
    page.on('pageerror', error => errors.push(String(error)))
    await page.goto(`${site.url}/${name}`)
    await expectWord(page, 'pending', 'before an answer')
    await page.evaluate(() => window.banner.reject())
    await expectWord(page, 'denied', 'after "reject"')
    await page.reload()
    await expectWord(page, 'denied', 'at the next page load')
    await page.evaluate(() => window.banner.accept())
    await expectWord(page, 'granted', 'after "accept"')
    await page.reload()
    await expectWord(page, 'granted', 'at the next page load')
    await page.evaluate(() => window.banner.reset())
    await expectWord(page, 'pending', 'after the choice was taken back')
    await page.evaluate(() => window.banner.accept())
    await expectWord(page, 'granted', 'after "accept" once more')
    await page.evaluate(async () => {
      window.sojourn('signIn', 'user-42')
      await window.sojourn.flush?.()
    })
    expect(await collector.get('/v1/identities/user-42')).toMatchObject({ identityId: 'user-42' })
    // The choice has expired while nobody was there.
    await page.context().clearCookies()
    await page.reload()
    await expectWord(page, 'pending', 'after the choice has expired')
    expect(errors).toEqual([])
  })

test('the sample for klaro takes no switch for a decision before it is saved', async ({ page }) => {
  await page.goto(`${site.url}/klaro`)
  await page.evaluate(() => window.banner.accept())
  await expectWord(page, 'granted', 'after "accept"')
  await page.evaluate(() => (window.banner as unknown as { toggle(): void }).toggle())
  expect(await page.evaluate(() => window.sojourn.status?.().consent)).toBe('granted')
})
