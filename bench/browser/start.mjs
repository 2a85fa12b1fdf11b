// Measures what the start and the calls after it cost the page.

import { bound, compare, cpuSlowdown, median, takeTurns } from './turns.mjs'

const slowdownOfLongest = 6
const data = {
  label: 'Add to cart',
  price: 19.95,
  currency: 'EUR',
  list: ['a', 'b', 'c'],
  place: { row: 3, column: 4 },
}

/** Measures the start, the calls and the longest task of both libraries, in new pages with empty databases. */
export async function measureStart({ browser, site, rounds }) {
  let arrived = 0
  site.setMode('take')
  site.onBody(text => (arrived += text.match(/ButtonClicked/g)?.length ?? 0))
  const measured = await takeTurns(rounds, async (library, round) => {
    arrived = 0
    const opened = await browser.open(site.base, cpuSlowdown)
    const started = await start(opened, { library, key: `start-${round}`, base: site.base })
    const single = await callOneByOne(opened.page, 100, data)
    const before = await opened.readCpu()
    const burst = await callAtOnce(opened.page, 1000, data)
    await opened.page.waitForTimeout(5000)
    const burstCpu = (await opened.readCpu()).tasks - before.tasks
    await opened.close()
    return { ...started, ...burst, single, burstCpu, missing: 1100 - arrived }
  })
  const fromFile = await takeTurns(rounds, async (library, round) => {
    const opened = await browser.open(site.base, cpuSlowdown)
    const cpu = await startFile(opened, `${site.base}/${library}-file.js?file-${round}`)
    await opened.close()
    return cpu
  })
  const longest = await takeTurns(rounds, async (library, round) => {
    const opened = await browser.open(site.base, slowdownOfLongest)
    const key = `longest-${round}`
    const act = () => start(opened, { library, key, base: site.base })
    const longestMs = await browser.findLongestTask(opened.page, act)
    await opened.close()
    return longestMs
  })
  const row = (what, unit, read, limit, from = measured) =>
    compare(what, unit, from.sojourn.map(read), from.plain.map(read), limit)
  const missing = ['sojourn', 'plain'].map(library => Math.max(...measured[library].map(one => one.missing)))
  return [
    row('first task: evaluate, `createTracker`, sign-in, page view', 'ms', one => one.firstMs, 3),
    row('first task with its microtasks', 'ms', one => one.firstTaskMs, 3),
    row('CPU in scripts, from the first task until 2 s later', 'ms', one => one.scriptCpu, 2.2),
    row('CPU of the main thread, from the first task until 2 s later', 'ms', one => one.tasksCpu, 2.2),
    row('as a script file: CPU in scripts until 2 s later', 'ms', one => one.script, 2.2, fromFile),
    row('as a script file: CPU of the main thread until 2 s later', 'ms', one => one.tasks, 2.2, fromFile),
    row('`track()`, one call in a task', 'µs', one => one.single.callUs, 1),
    row('`track()`, one call in a task, with the microtasks of the task', 'µs', one => one.single.taskUs, 1),
    row('`track()`, a call of 1,000 in a task', 'µs', one => one.callUs, 1),
    row('`track()`, a call of 1,000 in a task, with the microtasks of the task', 'µs', one => one.taskUs, 1),
    row('CPU of the main thread, 1,000 calls and the 5 s after them', 'ms', one => one.burstCpu, 1),
    bound('longest task of a start, CPU 6x slower', 'ms', median(longest.sojourn), median(longest.plain), 50),
    bound('most records that the collector did not have after these 5 s', 'of 1,100', ...missing),
  ]
}

/** Compares start and calls with 100,000 owed records on the device and with 100. The collector answers 503. */
export async function measureLarge({ browser, site, rounds }) {
  site.setMode('busy')
  const counts = { large: 100_000, small: 100 }
  for (const [key, count] of Object.entries(counts)) await fill({ browser, site }, key, count)
  const results = { large: [], small: [] }
  for (let round = 0; round < rounds; round++)
    for (const key of round % 2 ? ['small', 'large'] : ['large', 'small']) {
      const opened = await browser.open(site.base, cpuSlowdown)
      const started = await start(opened, { library: 'sojourn', key, base: site.base })
      results[key].push({ ...started, single: await callOneByOne(opened.page, 100, data) })
      await opened.close()
    }
  const row = (what, unit, read, limit) => compare(what, unit, results.large.map(read), results.small.map(read), limit)
  return [
    row('first task with its microtasks', 'ms', one => one.firstTaskMs, 1.5),
    row('CPU of the main thread, from the first task until 2 s later', 'ms', one => one.tasksCpu, 1.5),
    row('`track()`, one call in a task, with the microtasks of the task', 'µs', one => one.single.taskUs, 1.2),
  ]
}

/** Evaluates the library, makes a tracker and signs in, in one task as an application does. Then waits 2 s. */
async function start({ page, readCpu }, { library, key, base }) {
  await page.evaluate(async address => {
    window.code = await (await fetch(address)).text()
    await new Promise(resolve => setTimeout(resolve, 200))
  }, `${base}/${library}.js`)
  const before = await readCpu()
  const times = await page.evaluate(
    options =>
      new Promise(resolve => {
        setTimeout(() => {
          let firstMs = 0
          const { port1, port2 } = new MessageChannel()
          const script = document.createElement('script')
          script.textContent = window.code
          const begun = performance.now()
          // The message is posted first, so its task is the next. It begins after the microtasks of this task.
          port1.onmessage = () => resolve({ firstMs, firstTaskMs: performance.now() - begun })
          port2.postMessage(0)
          document.head.append(script)
          window.tracker = window.Library.createTracker(options)
          window.tracker.signIn('user-1')
          firstMs = performance.now() - begun
        })
      }),
    { collector: base, key },
  )
  await page.waitForTimeout(2000)
  const after = await readCpu()
  return { ...times, scriptCpu: after.script - before.script, tasksCpu: after.tasks - before.tasks }
}

/** Loads the library as a file, which starts itself. @returns the CPU of the page from there to 2 s later, ms. */
async function startFile({ page, readCpu }, address) {
  await page.waitForTimeout(200)
  const before = await readCpu()
  await page.evaluate(src => {
    document.head.append(Object.assign(document.createElement('script'), { src }))
  }, address)
  await page.waitForTimeout(2000)
  const after = await readCpu()
  if (!(await page.evaluate(() => !!window.tracker))) throw new Error(`${address} has not started`)
  return { script: after.script - before.script, tasks: after.tasks - before.tasks }
}

/** Measures calls, each in a separate task. @returns medians, µs. */
async function callOneByOne(page, count, data) {
  return page.evaluate(
    async ({ count, data }) => {
      const times = { callUs: [], taskUs: [] }
      for (let n = 0; n < count; n++) {
        await new Promise(resolve => setTimeout(resolve, 4))
        await new Promise(resolve => {
          setTimeout(() => {
            const { port1, port2 } = new MessageChannel()
            const begun = performance.now()
            port1.onmessage = () => {
              times.taskUs.push((performance.now() - begun) * 1000)
              resolve()
            }
            port2.postMessage(0)
            window.tracker.track('ButtonClicked', { n, ...data })
            times.callUs.push((performance.now() - begun) * 1000)
          })
        })
      }
      const toMedian = list => list.sort((a, b) => a - b)[Math.floor(list.length / 2)]
      return { callUs: toMedian(times.callUs), taskUs: toMedian(times.taskUs) }
    },
    { count, data },
  )
}

/**
 * Measures all calls in one task: the median of chunks of 50 calls, and the task with its microtasks, in µs per call.
 */
async function callAtOnce(page, count, data) {
  return page.evaluate(
    ({ count, data }) =>
      new Promise(resolve => {
        setTimeout(() => {
          const chunks = []
          const { port1, port2 } = new MessageChannel()
          const begun = performance.now()
          port1.onmessage = () => {
            const taskUs = ((performance.now() - begun) * 1000) / count
            resolve({ callUs: chunks.sort((a, b) => a - b)[Math.floor(chunks.length / 2)], taskUs })
          }
          port2.postMessage(0)
          for (let n = 0; n < count; n += 50) {
            const chunkBegun = performance.now()
            for (let i = n; i < n + 50; i++) window.tracker.track('ButtonClicked', { n: i, ...data })
            chunks.push(((performance.now() - chunkBegun) * 1000) / 50)
          }
        })
      }),
    { count, data },
  )
}

/** Leaves this many owed records on the device, as an earlier page load would. */
async function fill({ browser, site }, key, count) {
  const { page, close } = await browser.open(site.base, 1)
  await page.addScriptTag({ url: '/sojourn.js' })
  const owed = await page.evaluate(
    async ({ options, count }) => {
      const tracker = window.Library.createTracker(options)
      tracker.signIn('user-1')
      for (let made = 0; made < count; made += 1000) {
        for (let n = made; n < Math.min(made + 1000, count); n++) tracker.track('Stored', { n })
        await new Promise(resolve => setTimeout(resolve, 30))
      }
      await new Promise(resolve => setTimeout(resolve, 1500))
      return tracker.status().owed
    },
    // The default limit on owed records is lower than 100,000 records.
    { options: { collector: site.base, key, owedMaxChars: 1e9, flushEveryMs: 3_600_000 }, count },
  )
  await close()
  if (owed < count) throw new Error(`the device owes ${owed} records instead of ${count}`)
}
