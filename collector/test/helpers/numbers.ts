import { expect } from 'vitest'
import type { ListedSession, Numbers, Period, SessionOrder, SessionQuery, Step } from '../../src/store/numbers.js'
import type { CollectorStore } from '../../src/store/store.js'
import { noon } from './collector.js'

// Every question about the numbers of a store that contains arrivals of `anyArrivals` or `anyDelivery`.

export const dayMs = 86_400_000
const startOf = (time: number): number => time - (time % dayMs)

// Totals are also kept by blocks of 32 days.
const blockMs = 32 * dayMs
const block = noon - (noon % blockMs)

const periods: readonly Period[] = [
  { since: block, until: block + blockMs },
  { since: block + blockMs, until: block + 2 * blockMs },
  { since: block - blockMs - dayMs, until: block + blockMs - dayMs },
  { since: 0, until: startOf(2 ** 51) },
  { since: 0, until: dayMs },
  { since: startOf(noon), until: startOf(noon) + dayMs },
  { since: startOf(noon) - 40 * dayMs, until: startOf(noon) + 100 * dayMs, automated: 'exclude' },
  { since: 0, until: startOf(2 ** 51), automated: 'only' },
]

const names = ['Search', 'SignIn', 'PageExited']
const addresses = ['', 'x', 'ä', 'https://shop.example/11']
const properties = ['name', 'a', 'n', 'b', 'reason']
const steps = [...names.map(eventName => ({ eventName })), ...addresses.map(url => ({ url }))]

/** The answers to all questions, with equal rows in one order. */
export async function askAll(numbers: Numbers): Promise<object> {
  const answers: Record<string, unknown> = {}
  for (const [n, period] of periods.entries()) {
    answers[`days ${n}`] = await numbers.days(period)
    answers[`durations ${n}`] = await numbers.durations(period)
    for (const of of ['pages', 'entries', 'exits', 'referrers', 'events'] as const)
      answers[`${of} ${n}`] = await numbers.ranking(of, period, of === 'pages' ? 'activeMs' : 'count', 100)
    for (const name of names) answers[`${name} ${n}`] = await numbers.properties(name, period)
    for (const name of properties) answers[`${name} ${n}`] = await numbers.values('Search', name, period, 100)
    for (const [place, one] of steps.entries()) {
      const other = steps[(place + 1 + n) % steps.length] as Step
      answers[`funnel ${place} ${n}`] = await numbers.funnel([one, other, one], period)
    }
  }
  answers.sessions = await listAll(numbers, { now: noon, order: 'start', isDescending: false, limit: 3 })
  for (const [n, query] of queries.entries()) answers[`query ${n}`] = await listAll(numbers, query)
  answers.behind = await numbers.behind()
  return answers
}

const orders: readonly SessionOrder[] = ['start', 'duration', 'lastActivity', 'pages', 'events']
const filters: readonly Partial<SessionQuery>[] = [
  {},
  { identityId: 'a' },
  { identityId: 'identity-11', until: noon + 11 },
  { automated: 'exclude' },
  { automated: 'only' },
  { since: 2, until: noon + 12 },
  { minDuration: 1, maxDuration: 60 },
  { open: true },
  { open: false, complete: true },
  { complete: false },
  { endReason: 'signed-out' },
  { endReason: 'x' },
  { url: 'x?y', minDuration: 0 },
  { url: 'https://shop.example/11', eventName: 'Search' },
  { eventName: 'SignIn' },
]
const queries = orders.flatMap((order, n) =>
  filters.map((filter, m): SessionQuery => {
    return { now: m % 2 ? 3 : noon + 60_000, order, isDescending: (n + m) % 2 === 0, limit: 1 + (m % 3), ...filter }
  }),
)

/** Pages through a list. Checks its order; sessions of one place in it have no defined order. */
async function listAll(numbers: Numbers, query: SessionQuery): Promise<object[]> {
  const all: ListedSession[] = []
  for (let after: SessionQuery['after']; ; ) {
    const { items, next } = await numbers.sessions({ ...query, ...(after && { after }) })
    expect(items.length).toBeLessThanOrEqual(query.limit)
    all.push(...items)
    if (!next) break
    after = next
  }
  const values = all.map(one => (query.order === 'start' ? one.startDate : one[query.order]))
  expect(values).toEqual(values.toSorted((a, b) => (query.isDescending ? b - a : a - b)))
  const key = ({ visitID, sessionID }: ListedSession): string => `${visitID}\0${sessionID}`
  expect(new Set(all.map(key)).size).toBe(all.length)
  return all.toSorted((a, b) => (key(a) < key(b) ? -1 : 1))
}

/** Counts until nothing is behind, as the worker does. */
export async function digestAll(store: CollectorStore, sites = ['default', 'other']): Promise<void> {
  for (;;) {
    while ((await store.digest()) !== 'over');
    const behind = await Promise.all(sites.map(site => store.of(site).numbers.behind()))
    if (behind.every(({ visits }) => !visits)) return
  }
}
