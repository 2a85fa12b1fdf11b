// Measures how soon a page load delivers the records that an earlier page left, and how soon `session()` resolves.

import { bound, cpuSlowdown, p95, takeTurns } from './turns.mjs'

const patienceMs = 20_000
const kinds = {
  small: { what: '20 small records', count: 20, chars: 40 },
  large: { what: 'one record of 100 KB', count: 1, chars: 100_000 },
}

/** Runs the measurement. @param loads the number of page loads of each library and kind. */
export async function measureLeftovers({ browser, site, loads }) {
  const rows = []
  const sessionMs = []
  for (const [kind, { what, count, chars }] of Object.entries(kinds)) {
    const results = await takeTurns(loads, async (library, load) => {
      const key = `${kind}-${load}`
      await leave({ browser, site }, { library, key, count, chars })
      const { arrivedMs, answered } = await openNext({ browser, site }, { library, key, count })
      if (library === 'sojourn') sessionMs.push(answered ? answered.ms : patienceMs)
      return arrivedMs
    })
    const limit = 1000
    rows.push(bound(`${what}, p95 of ${loads} loads`, 'ms', p95(results.sojourn), p95(results.plain), limit))
  }
  rows.push(bound(`\`session()\` answers, p95 of ${sessionMs.length} loads`, 'ms', p95(sessionMs), null, 100))
  return rows
}

/** A page signs in, makes records and is closed. The collector does not answer, so every record stays owed. */
async function leave({ browser, site }, { library, key, count, chars }) {
  site.setMode('hold')
  const { page, close } = await browser.open(`${site.base}/page/${library}/${key}`, 1)
  await page.evaluate(
    async ({ key, count, chars }) => {
      window.tracker.signIn('user-1')
      await new Promise(resolve => setTimeout(resolve, 50))
      for (let n = 0; n < count; n++)
        window.tracker.track('Left', { mark: `left-${key}-${n}.`, text: 'x'.repeat(chars) })
      await new Promise(resolve => setTimeout(resolve, 400))
    },
    { key, count, chars },
  )
  await close()
  // The closed page may still send records. They must not count as delivered by the next page.
  await new Promise(resolve => setTimeout(resolve, 150))
  site.setMode('take')
}

/** Loads the next page. @returns ms from the start of its navigation until all marks have arrived. */
async function openNext({ browser, site }, { library, key, count }) {
  const { page, close } = await browser.open(site.base, cpuSlowdown)
  const marks = new Set()
  const allArrived = new Promise(resolve => {
    const giveUp = setTimeout(resolve, patienceMs, Infinity)
    site.onBody(text => {
      for (const [mark] of text.matchAll(new RegExp(`left-${key}-\\d+\\.`, 'g'))) marks.add(mark)
      if (marks.size < count) return
      clearTimeout(giveUp)
      resolve(performance.timeOrigin + performance.now())
    })
  })
  await page.goto(`${site.base}/page/${library}/${key}`)
  const timeOrigin = await page.evaluate(() => performance.timeOrigin)
  const arrivedAt = await allArrived
  const hasQueries = await page.evaluate(() => 'session' in window.tracker)
  if (hasQueries) await page.waitForFunction(() => window.answered, null, { timeout: patienceMs }).catch(() => {})
  const answered = await page.evaluate(() => window.answered)
  await close()
  return { arrivedMs: Math.min(arrivedAt - timeOrigin, patienceMs), answered }
}
