// Starts a Chromium with a profile on disk, opens pages, and measures their CPU time.

import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { chromium } from '@playwright/test'
import { launchArgs, needChromium } from '../../scripts/browser.mjs'

/** Starts the browser. `stop` ends it and deletes its profile. */
export async function startChromium() {
  const profile = mkdtempSync(join(tmpdir(), 'sojourn-bench-'))
  const options = { executablePath: needChromium(), args: launchArgs, headless: true }
  const context = await chromium.launchPersistentContext(profile, options)
  const browser = context.browser()
  // The first page stays open, so that the browser does not end when another page closes.
  const [first] = context.pages()
  const version = (await (await context.newCDPSession(first)).send('Browser.getVersion')).product.split('/')[1]

  /** Opens a new page. @param slower how many times slower its CPU is. */
  async function open(address, slower) {
    const page = await context.newPage()
    await page.goto(address)
    const cdp = await context.newCDPSession(page)
    await cdp.send('Performance.enable', { timeDomain: 'threadTicks' })
    await cdp.send('Emulation.setCPUThrottlingRate', { rate: slower })
    return {
      page,
      close: () => page.close(),
      /** CPU time of the page's main thread so far, ms: in scripts, and in all tasks with their microtasks. */
      async readCpu() {
        const { metrics } = await cdp.send('Performance.getMetrics')
        const read = name => metrics.find(metric => metric.name === name).value * 1000
        return { script: read('ScriptDuration'), tasks: read('TaskDuration') }
      },
    }
  }

  return {
    version,
    open,
    /** Runs `act`. @returns the longest task that a page's main thread ran meanwhile, ms. */
    async findLongestTask(page, act) {
      await browser.startTracing(page, { categories: ['toplevel'] })
      await act()
      const { traceEvents } = JSON.parse((await browser.stopTracing()).toString())
      const isMain = new Set(
        traceEvents.flatMap(({ name, pid, tid, args }) =>
          name === 'thread_name' && args.name === 'CrRendererMain' ? `${pid}/${tid}` : [],
        ),
      )
      const isTask = ({ ph, name, pid, tid }) => ph === 'X' && name.endsWith('RunTask') && isMain.has(`${pid}/${tid}`)
      const longest = Math.max(...traceEvents.map(event => (isTask(event) && event.dur) || 0)) / 1000
      if (!longest) throw new Error('the trace has no task of a page')
      return longest
    },
    async stop() {
      await context.close()
      rmSync(profile, { recursive: true, force: true, maxRetries: 3 })
    },
  }
}
