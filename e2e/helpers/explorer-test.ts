import { execFileSync } from 'node:child_process'
import { expect, type Page } from '@playwright/test'
import type { Cluster } from '../../collector/test/helpers/postgres.js'
import { type CollectorProcess, type RunningCollector, startCollector, startCollectorProcess } from './collector.js'
import { test as base } from './test.js'

/** What a page of the explorer did that it must not do. */
export interface Watched {
  /** Lines of the console, errors, and requests to others. */
  readonly faults: string[]
  /** Lines that the browser itself prints for replies that the test wants, such as a 401. */
  readonly expected: RegExp[]
}

/** Collects what the page prints, throws, and asks of others. */
export function watch(page: Page, url: string): Watched {
  const faults: string[] = []
  page.on('console', message => faults.push(`console: ${message.text()}`))
  page.on('pageerror', error => faults.push(`error: ${error.message}`))
  page.on('dialog', dialog => {
    faults.push(`dialog: ${dialog.message()}`)
    void dialog.dismiss()
  })
  page.on('request', request => {
    if (!request.url().startsWith(`${url}/`) && !/^(data|blob):/.test(request.url()))
      faults.push(`request: ${request.url()}`)
  })
  return { faults, expected: [] }
}

interface Fixtures {
  /** A collector of its own. */
  readonly collector: RunningCollector
  /** Flags of the collector. */
  readonly flags: readonly string[]
  /** The page in which the explorer runs. After the test nothing may have been printed, and nobody else asked. */
  readonly explorer: Page
  /** Lines of the console that the test expects. */
  readonly expected: RegExp[]
}

/** A test of the explorer, with a collector of its own. */
export const test = base.extend<Fixtures>({
  flags: [[], { option: true }],
  collector: async ({ flags, database, cluster }, use) => {
    test.skip(database === 'PostgreSQL' && !cluster, 'PostgreSQL was not found')
    const collector = await startCollector(...(await newDatabase(cluster)), ...flags)
    await use(collector)
    await collector.stop()
  },
  // Playwright reads from this pattern that no other fixture is needed.
  // oxlint-disable-next-line no-empty-pattern
  expected: async ({}, use) => use([]),
  explorer: async ({ page, collector, expected }, use) => {
    const { faults } = watch(page, collector.url)
    await use(page)
    expect(await page.evaluate(() => 'harmed' in window)).toBe(false)
    expect(faults.filter(fault => !expected.some(one => one.test(fault)))).toEqual([])
  },
  timezoneId: 'UTC',
  locale: 'en-GB',
})

/** A test of the explorer whose collector can be killed. */
export const testWithProcess = test.extend<{ readonly collector: CollectorProcess }>({
  collector: async ({ flags, database, cluster }, use) => {
    test.skip(database === 'PostgreSQL' && !cluster, 'PostgreSQL was not found')
    const collector = await startCollectorProcess(...(await newDatabase(cluster)), ...flags)
    await use(collector)
    await collector.stop()
  },
})

/** The flag with a new database of the server. Without one, a collector makes a file. */
async function newDatabase(cluster: Cluster | null): Promise<string[]> {
  return cluster ? ['--db', cluster.url(await cluster.createDatabase())] : []
}

/** Waits until everything that was stored is counted. */
export async function untilCounted(url: string, site = 'default', token = ''): Promise<void> {
  const headers: Record<string, string> = token ? { Authorization: `Bearer ${token}` } : {}
  await expect
    .poll(async () => {
      const response = await fetch(`${url}/v1/sites/${site}/numbers/days`, { headers })
      return ((await response.json()) as { behind?: { visits: number } }).behind?.visits
    })
    .toBe(0)
}

/** Runs a command of the collector on the database of one that runs. @returns what it prints. */
export function command({ db }: RunningCollector, ...words: string[]): string {
  return execFileSync(process.execPath, ['collector/dist/cli.js', ...words, '--db', db], { encoding: 'utf8' })
}
