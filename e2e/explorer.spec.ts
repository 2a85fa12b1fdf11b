import { readFileSync } from 'node:fs'
import { expect, type Page } from '@playwright/test'
import { test, testWithProcess, untilCounted } from './helpers/explorer-test.js'
import { isLong } from './helpers/long.js'
import { makeShopVisits, sendVisits, type VisitPlan } from './helpers/seed.js'

const day = 86_400_000
const rows = (page: Page) => page.getByRole('table', { name: 'Sessions' }).locator('tbody tr')
const cells = (page: Page, title: string) => rows(page).locator(`[data-title="${title}"]`)

/** Visits of a person each, a minute apart, the newest first in the list. */
const makeRow = (count: number, more: Partial<VisitPlan> = {}): VisitPlan[] =>
  Array.from({ length: count }, (_, n) => ({
    name: `row-${n}`,
    startDate: Date.now() - day - n * 60_000,
    identityId: `person-${String(n).padStart(3, '0')}`,
    pages: ['https://shop.example/', 'https://shop.example/cart'],
    ...more,
  }))

test('lists sessions with the newest first, and each filter keeps those that match', async ({
  explorer,
  collector,
}) => {
  await sendVisits(collector.url, [
    ...makeRow(3),
    {
      ...(makeRow(1)[0] as VisitPlan),
      name: 'buyer',
      identityId: 'buyer',
      events: [['Purchase', { total: 12 }]],
      owed: 2,
    },
    {
      ...(makeRow(1)[0] as VisitPlan),
      name: 'sitting',
      identityId: 'sitting',
      startDate: Date.now() - 30_000,
      end: 'open',
    },
    { ...(makeRow(1)[0] as VisitPlan), name: 'robot', identityId: 'robot', automated: true },
    {
      ...(makeRow(1)[0] as VisitPlan),
      name: 'slow',
      identityId: 'slow',
      stepMs: 300_000,
      pages: ['a:', 'b:', 'c:'],
      end: 'idle',
    },
  ])
  await untilCounted(collector.url)
  await explorer.goto(`${collector.url}/explore/default/sessions`)
  await expect(rows(explorer)).toHaveCount(6)
  await expect(cells(explorer, 'Identity').first()).toHaveText('sitting')

  const only = async (query: string, ...people: string[]): Promise<void> => {
    await explorer.goto(`${collector.url}/explore/default/sessions?${query}`)
    await expect(rows(explorer)).toHaveCount(people.length)
    expect((await cells(explorer, 'Identity').allTextContents()).sort()).toEqual([...people].sort())
  }
  await only('endReason=idle', 'slow')
  await only(`url=${encodeURIComponent('b:')}`, 'slow')
  await only('automated=only', 'robot')
  await only('maxDuration=60&eventName=Purchase&complete=false&open=false', 'buyer')
  // Each filter alone. The last address has most of them, and those of the collector show each.
  if (isLong) {
    await only('identityId=buyer', 'buyer')
    await only('open=true', 'sitting')
    await only('minDuration=200', 'slow')
    await only('complete=false', 'buyer')
    await only('eventName=Purchase', 'buyer')
  }
  const today = new Date().toISOString().slice(0, 10)
  await only(`since=${today}&until=${today}&open=true`, 'sitting')
})

test('keeps filters, order and page in the address, so that Back, a reload and a shared address work', async ({
  explorer,
  collector,
}) => {
  await sendVisits(collector.url, makeRow(120))
  await untilCounted(collector.url)
  await explorer.goto(`${collector.url}/explore/default/sessions`)
  const first = cells(explorer, 'Identity').first()
  await expect(first).toHaveText('person-000')
  await explorer.getByRole('button', { name: 'Next' }).click()
  await expect(first).toHaveText('person-050')
  await explorer.getByRole('button', { name: 'Next' }).click()
  await expect(first).toHaveText('person-100')
  await expect(explorer.getByRole('button', { name: 'Next' })).toBeDisabled()
  await expect(explorer.getByText('Page 3')).toBeVisible()
  await explorer.reload()
  await expect(first).toHaveText('person-100')
  await explorer.getByRole('button', { name: 'Previous' }).click()
  await expect(first).toHaveText('person-050')
  await explorer.getByRole('button', { name: 'Previous' }).click()
  await expect(first).toHaveText('person-000')
  await explorer.goBack()
  await expect(first).toHaveText('person-050')

  await explorer.getByRole('button', { name: 'Started' }).click()
  await expect(first).toHaveText('person-119')
  await expect(explorer.getByRole('columnheader', { name: 'Started' })).toHaveAttribute('aria-sort', 'ascending')
  await expect(explorer.getByText('Page 1')).toBeVisible()

  const identity = explorer.getByRole('searchbox', { name: 'Identity' })
  await identity.fill('person-007')
  await identity.press('Enter')
  await expect(rows(explorer)).toHaveCount(1)
  await expect(identity).toBeFocused()
  const shared = explorer.url()
  await explorer.getByRole('button', { name: 'Remove: identity person-007' }).click()
  await expect(rows(explorer)).toHaveCount(50)
  await expect(explorer.getByRole('searchbox', { name: 'Identity' })).toHaveValue('')
  // What was pressed is gone, and the focus is beside it.
  await expect(explorer.getByRole('button', { name: 'Show' })).toBeFocused()
  await explorer.goBack()
  await expect(rows(explorer)).toHaveCount(1)
  await expect(explorer.getByRole('searchbox', { name: 'Identity' })).toHaveValue('person-007')
  await explorer.goto('about:blank')
  await explorer.goto(shared)
  await expect(first).toHaveText('person-007')
})

test('sorts by each column that says so, in both directions', { tag: '@long' }, async ({ explorer, collector }) => {
  await sendVisits(collector.url, makeShopVisits(40, 5, Date.now()))
  await untilCounted(collector.url)
  await explorer.goto(`${collector.url}/explore/default/sessions`)
  for (const title of ['Pages', 'Events', 'Duration']) {
    const button = explorer.getByRole('columnheader', { name: title }).getByRole('button')
    const sort = title.toLowerCase()
    await button.click()
    await expect(explorer).toHaveURL(new RegExp(`sort=${sort}$`))
    const head = explorer.getByRole('columnheader', { name: title })
    await expect(head).toHaveAttribute('aria-sort', 'descending')
    await expect(explorer.getByRole('table', { name: 'Sessions' })).toHaveAttribute('aria-busy', 'false')
    const counts = async (): Promise<number[]> => (await cells(explorer, title).allTextContents()).map(toSeconds)
    const down = await counts()
    expect(down).toEqual([...down].sort((a, b) => b - a))
    await button.click()
    await expect(head).toHaveAttribute('aria-sort', 'ascending')
    await expect(explorer.getByRole('table', { name: 'Sessions' })).toHaveAttribute('aria-busy', 'false')
    expect(await counts()).toEqual([...down].sort((a, b) => a - b))
  }
})

/** A count, or a duration such as `3 min 20 s` in seconds. */
function toSeconds(text: string): number {
  const units: Record<string, number> = { s: 1, min: 60, h: 3600, d: 86400 }
  const parts = [...text.matchAll(/(\d+) (s|min|h|d)\b/g)]
  return parts.length ? parts.reduce((sum, [, n, unit = 's']) => sum + Number(n) * (units[unit] ?? 0), 0) : Number(text)
}

test('saves the whole filtered list, and no cell of the CSV is a formula', { tag: '@long' }, async ({
  explorer,
  collector,
}) => {
  const formulas = ['=1+1', '+1', '-1', '@SUM(A1)', '\t=1', ' =1', 'plain, "quoted"\nline']
  await sendVisits(collector.url, [
    ...makeRow(60),
    ...formulas.map((identityId, n) => ({ ...(makeRow(1)[0] as VisitPlan), name: `formula-${n}`, identityId })),
    { ...(makeRow(1)[0] as VisitPlan), name: 'robot', identityId: 'robot', automated: true },
  ])
  await untilCounted(collector.url)
  await explorer.goto(`${collector.url}/explore/default/sessions`)
  await expect(rows(explorer)).toHaveCount(50)
  // From the second page, the file begins at the first all the same.
  await explorer.getByRole('button', { name: 'Next' }).click()
  await expect(rows(explorer)).toHaveCount(17)

  const saved = async (name: string): Promise<string> => {
    const [download] = await Promise.all([
      explorer.waitForEvent('download'),
      explorer.getByRole('button', { name }).click(),
    ])
    return readFileSync(await download.path(), 'utf8')
  }
  const lines = (await saved('NDJSON'))
    .trim()
    .split('\n')
    .map(line => JSON.parse(line))
  expect(lines).toHaveLength(67)
  expect(lines.map(line => line.identityId)).toEqual(expect.arrayContaining(formulas))
  expect(lines[0]).toMatchObject({ sessionID: expect.any(String), pages: 1, complete: true, endReason: 'signed-out' })

  const csv = await saved('Save as CSV')
  expect(csv.charCodeAt(0)).toBe(0xfeff)
  const table = parseCsv(csv.slice(1))
  expect(table).toHaveLength(68)
  expect(table[0]?.slice(0, 5)).toEqual(['sessionID', 'visitID', 'identityId', 'startDate', 'startDateTime'])
  const people = table.slice(1).map(row => row[2] as string)
  expect(people.filter(one => /^[\s]*[=+\-@]/.test(one))).toEqual([])
  expect(people).toEqual(expect.arrayContaining(["'=1+1", "'\t=1", 'plain, "quoted"\nline']))
  await expect(explorer.getByText('Saved 67 sessions.')).toBeVisible()
})

/** Reads CSV as RFC 4180 says. */
function parseCsv(text: string): string[][] {
  const table: string[][] = [[]]
  for (const [, quoted, plain, end] of text.matchAll(/(?:"((?:[^"]|"")*)"|([^",\r\n]*))(,|\r\n|$)/g)) {
    if (end === '' && plain === '' && quoted === undefined) continue
    table.at(-1)?.push(quoted?.replaceAll('""', '"') ?? plain ?? '')
    if (end === '\r\n') table.push([])
  }
  return table.filter(row => row.length > 0)
}

testWithProcess(
  'says what to do where there is nothing, and what is wrong where there is an error',
  { tag: '@long' },
  async ({ explorer, collector, expected }) => {
    await explorer.goto(`${collector.url}/explore/default/sessions`)
    await expect(explorer.getByText('No sessions yet')).toBeVisible()
    await explorer.getByRole('link', { name: 'Check the set-up' }).click()
    await expect(explorer.getByRole('heading', { name: 'Set-up' })).toBeVisible()
    await explorer.goBack()
    await explorer.getByRole('link', { name: 'Show them too' }).click()
    await expect(explorer).toHaveURL(/sessions\?automated=include$/)
    await expect(explorer.getByText('No session matches')).toBeVisible()
    await explorer.goto(`${collector.url}/explore/default/sessions?identityId=nobody`)
    await expect(explorer.getByText('No session matches')).toBeVisible()
    await explorer.goto(`${collector.url}/explore/nothing/sessions`)
    await expect(explorer.getByRole('heading', { name: 'No such site' })).toBeVisible()
    await expect(explorer.getByText('There is no site with the name nothing')).toBeVisible()
    await explorer.goto(`${collector.url}/explore/default/nothing`)
    await expect(explorer.getByRole('heading', { name: 'No such page' })).toBeVisible()

    expected.push(/Failed to load resource/)
    await explorer.goto(`${collector.url}/explore/default/sessions?minDuration=minus`)
    await expect(explorer.getByRole('alert')).toContainText('minDuration')

    await explorer.goto(`${collector.url}/explore/default/sessions`)
    await expect(explorer.getByText('No sessions yet')).toBeVisible()
    await collector.kill()
    await explorer.getByLabel('State').selectOption('ended')
    await expect(explorer.getByRole('alert')).toContainText('The collector does not answer')
    await collector.start()
    await explorer.getByRole('button', { name: 'Try again' }).click()
    await expect(explorer.getByText('No session matches')).toBeVisible()
  },
)
