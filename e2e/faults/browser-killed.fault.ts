import { expect } from '@playwright/test'
import { group } from './fault.js'
import type { House } from './house.js'

const fault = group('1 the page goes away')

const gone = (ms: number): Promise<void> => new Promise(resolve => setTimeout(resolve, ms + 500))

const rounds = 10
// In most kills, both ways of writing keep or lose their events alike. They may differ in this many kills.
const tolerance = 3

/**
 * Kills the browser `rounds` times. Before each kill, the page makes events, and writes as many with a bare put +
 * commit.
 *
 * @returns how many of the bare ones were lost.
 */
async function killBesideBare(house: House, isTaskOver: boolean): Promise<number> {
  const each = house.n / rounds
  for (let round = 0; round < rounds; round++) {
    const page = await house.open({ bare: true, options: { flushEveryMs: 60_000 } })
    await page.waitForFunction(() => !!window.bareMake)
    await page
      .evaluate(
        ([from, to, isBareFirst, isOver]) => {
          // The order alternates, because the later one has less time.
          if (isBareFirst) window.bareMake(from as number, to as number)
          window.make(from as number, to as number)
          if (!isBareFirst) window.bareMake(from as number, to as number)
          if (isOver) queueMicrotask(() => window.kill(0))
          else window.kill(0)
        },
        [round * each, (round + 1) * each, round % 2 > 0, isTaskOver],
      )
      .catch(() => {})
    await gone(0)
    await house.relaunch()
  }
  return house.n - (await countBare(house))
}

/** How many of the events that the page wrote with a bare put + commit are there. */
async function countBare(house: House): Promise<number> {
  const page = await house.open({ bare: true })
  await page.waitForFunction(() => !!window.bareMake)
  const count = await page.evaluate(() => window.bareCount())
  await page.close()
  return count
}

fault(
  `browser killed 0 ms after the task of the call, beside a bare put + commit, ${rounds} times`,
  { expect: { atMost: Infinity, because: 'set by the bare loss' }, made: [1000, 1030], timeoutMs: 240_000 },
  async house => {
    const bare = await killBesideBare(house, true)
    return {
      note: `in the same kills a bare put + commit lost ${bare}`,
      expect: { atMost: bare + (house.n * tolerance) / rounds, because: 'a race that nobody can win' },
    }
  },
)

fault(
  `browser killed in the task of the call, beside a bare put + commit, ${rounds} times`,
  {
    expect: { atMost: 1030, because: 'before its task is over nothing is committed' },
    made: [1000, 1030],
    timeoutMs: 240_000,
  },
  async house => `in the same kills a bare put + commit lost ${await killBesideBare(house, false)}`,
)

for (const after of [50, 300, 3000])
  fault(`browser killed after ${after} ms`, { expect: 'stored' }, async house => {
    const page = await house.open({ bare: true, options: { flushEveryMs: 60_000 } })
    await page.waitForFunction(() => !!window.bareMake)
    await page
      .evaluate(
        ([n, ms]) => {
          window.make(0, n as number)
          // A task later, so that it is handed to storage after the tracker's.
          setTimeout(() => {
            window.bareMake(0, n as number)
            window.kill(ms as number)
          })
          return new Promise(() => {})
        },
        [house.n, after],
      )
      .catch(() => {})
    await gone(after)
    expect(house.ledger().found.length).toBeLessThanOrEqual(house.n)
    await house.relaunch()
    // A browser that gets no processor for so long has kept nothing. What came after the tracker's tells.
    const bare = await countBare(house)
    if (bare === house.n) return
    return {
      note: `a bare put + commit that came later lost ${house.n - bare}`,
      expect: { atMost: house.n, because: 'the browser got no time to write' },
    }
  })

/**
 * Makes the events in the task that starts the tracker. The database never opens. Kills the renderer `tasks` tasks
 * later.
 */
const early =
  (tasks: number) =>
  async (house: House): Promise<void> => {
    await house.context.addInitScript(() => {
      const { open } = IDBFactory.prototype
      IDBFactory.prototype.open = function (...args) {
        const request = open.apply(this, args)
        // Nobody can listen for the result, so the database never seems to open.
        request.addEventListener = () => {}
        return request
      }
    })
    const page = await house.context.newPage()
    const crashed = page.waitForEvent('crash')
    let killing: Promise<void> | undefined
    house.site.onKill = () => (killing = house.killRenderers())
    await page.goto(house.site.address({ early: house.n, earlyTasks: tasks }), { waitUntil: 'commit' }).catch(() => {})
    await crashed
    await killing
    await page.close()
    // In the new browser the database opens.
    await house.relaunch()
  }

fault(
  'renderer killed in the task that starts the tracker',
  { expect: { atMost: 103, because: 'localStorage is first written in the next task' } },
  early(0),
)

fault('renderer killed before the database had opened, one task after the start', { expect: 'stored' }, early(1))

fault(
  'renderer killed before the database had opened, one task after the start, 2,000 calls',
  { expect: { atMost: 1850, because: 'localStorage takes no more than 30,000 characters of calls' }, made: [2000] },
  early(1),
)

fault(
  'browser killed before the database had opened',
  { expect: { atMost: 103, because: 'no storage of a browser is on disk so early' } },
  async house => {
    const page = await house.context.newPage()
    await page.goto(house.site.address({ early: house.n }), { waitUntil: 'commit' }).catch(() => {})
    await gone(1000)
    expect(house.ledger().found).toEqual([])
  },
)
