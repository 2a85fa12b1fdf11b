// `npm run bench`, or one part of it, `npm run bench -- 5 start` (rounds; calls, start or large): the tracker beside a bare idb loop and a bare outbox, in one run in real Chromium at 4x CPU throttle.
// Single times mean little on a busy machine; the ratios are medians over rounds that take turns.

import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { createServer } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { chromium } from '@playwright/test'
import { chromiumArgs, needChromium } from '../scripts/browser.mjs'

const rounds = Number(process.argv[2] || 5)
const throttle = 4
const files = {
  '/core.js': 'dist/esm/index.js',
  '/bare.js': 'bench/site/bare.js',
  '/idb.js': 'node_modules/idb/build/index.js',
}
const site = createServer((request, response) => {
  const path = new URL(request.url, 'http://x').pathname
  if (request.method === 'POST') return response.writeHead(503).end()
  response.setHeader('Content-Type', files[path] ? 'text/javascript' : 'text/html')
  response.end(files[path] ? readFileSync(files[path]) : '<!doctype html><title>bench</title><h1>bench</h1>')
})
await new Promise(resolve => site.listen(0, '127.0.0.1', resolve))
const base = `http://127.0.0.1:${site.address().port}`
const profile = mkdtempSync(join(tmpdir(), 'sojourn-bench-'))
const context = await chromium.launchPersistentContext(profile, {
  executablePath: needChromium(),
  args: chromiumArgs,
  headless: true,
})

// A window stays open whatever becomes of the others.
await context.newPage()

async function open(path = '/') {
  const page = await context.newPage()
  const cdp = await context.newCDPSession(page)
  await cdp.send('Emulation.setCPUThrottlingRate', { rate: throttle })
  await page.goto(base + path)
  return { page, cdp }
}

const median = list => [...list].sort((a, b) => a - b)[Math.floor(list.length / 2)]
// The bound is out of the way: a hundred thousand records would reach it.
const options = key => ({ collector: base, key, flushEveryMs: 3_600_000, automatic: false, owedMaxChars: 1e9 })

/** µs a call, and what is in the store after the renderer was killed right behind the loop. */
async function calls(key, perTask, tasks, isBare, isKilled) {
  const { page, cdp } = await open()
  const us = await page.evaluate(
    async ({ options, perTask, tasks, isBare, key }) => {
      const { createTracker } = await import('/core.js')
      const { openDB } = await import('/idb.js')
      const data = { sku: 'tea-green-100', quantity: 2, price: 12.5 }
      const tracker = createTracker(options)
      tracker.signIn('bench')
      await tracker.flush()
      tracker.track('Warm', data)
      await new Promise(resolve => setTimeout(resolve, 300))
      const opened = await openDB(`sojourn-${key}`)
      const kept = [...(await opened.getAll('owed0')), ...(await opened.getAll('owed1'))].find(one =>
        one.event.includes('Warm'),
      )
      opened.close()
      const bare = await openDB(`bare-${key}`, 1, { upgrade: db => void db.createObjectStore('owed') })
      let made = 0
      const put = store => store.put({ ...kept, id: `${kept.id}${made++}` }, `${kept.id}${made}`)
      const spent = []
      for (let task = 0; task < tasks; task++) {
        await new Promise(resolve => setTimeout(resolve, perTask > 1 ? 400 : 4))
        const started = performance.now()
        if (isBare) {
          const tx = bare.transaction('owed', 'readwrite', { durability: 'relaxed' })
          for (let i = 0; i < perTask; i++) void put(tx.store)
          tx.commit()
        } else for (let i = 0; i < perTask; i++) tracker.track('AddToCart', data)
        spent.push(performance.now() - started)
      }
      spent.sort((a, b) => a - b)
      return (spent[Math.floor(spent.length / 2)] * 1000) / perTask
    },
    { options: options(key), perTask, tasks, isBare, key },
  )
  if (!isKilled) {
    await page.close()
    return { us, found: 0 }
  }
  // Neither call is answered by a page that has crashed.
  const crashed = new Promise(resolve => page.once('crash', resolve))
  cdp.send('Page.crash').catch(() => {})
  await crashed
  page.close().catch(() => {})
  const after = await open()
  const found = await after.page.evaluate(
    async ({ key, isBare }) => {
      const { openDB } = await import('/idb.js')
      const db = await openDB(isBare ? `bare-${key}` : `sojourn-${key}`)
      const stores = isBare ? ['owed'] : ['owed0', 'owed1']
      const records = (await Promise.all(stores.map(store => db.getAll(store)))).flat()
      return records.filter(record => isBare || record.event.includes('"AddToCart"')).length
    },
    { key, isBare },
  )
  await after.page.close()
  return { us, found }
}

async function callsBeside(what, perTask, tasks, limit) {
  const ratios = []
  const ours = []
  const bares = []
  let lost = 0
  for (let round = 0; round < rounds; round++) {
    const key = `k${perTask}-${tasks}-${round}`
    const order = round % 2 ? [true, false] : [false, true]
    const got = {}
    for (const isBare of order) got[isBare] = await calls(key, perTask, tasks, isBare, true)
    ratios.push(got.false.us / got.true.us)
    ours.push(got.false.us)
    bares.push(got.true.us)
    lost += perTask * tasks - got.false.found
  }
  row(
    what,
    median(ours),
    median(bares),
    median(ratios),
    limit,
    `lost after kill: ${lost} of ${perTask * tasks * rounds}`,
  )
}

/** Fills a store with so many records, as an earlier page load would have left them. */
async function fill(key, count) {
  const { page, cdp } = await open()
  await cdp.send('Emulation.setCPUThrottlingRate', { rate: 1 })
  await page.evaluate(
    async ({ options, count }) => {
      const { createTracker } = await import('/core.js')
      const tracker = createTracker(options)
      tracker.signIn('bench')
      await tracker.flush()
      for (let made = 0; made < count; made += 1000) {
        for (let i = 0; i < 1000 && made + i < count; i++) tracker.track('Stored', { made: made + i })
        await new Promise(resolve => setTimeout(resolve, 30))
      }
      await new Promise(resolve => setTimeout(resolve, 1000))
    },
    { options: options(key), count },
  )
  await page.close()
}

/** ms from before the module is evaluated until the first page is handed to the store (sync), and until it is kept. */
async function start(kind, key) {
  const { page } = await open()
  const times = await page.evaluate(
    async ({ kind, options, base }) => {
      const text = await (await fetch(kind === 'bare' ? '/bare.js' : '/core.js')).text()
      const idb = await (await fetch('/idb.js')).text()
      const code =
        kind === 'bare' ? `${idb.replace(/export \{[^}]*\};?/, '')}\n${text.replace(/import .*\n/, '')}` : text
      const url = URL.createObjectURL(new Blob([code], { type: 'text/javascript' }))
      let touches = 0
      const before = Storage.prototype.getItem
      for (const name of ['getItem', 'setItem', 'removeItem', 'key'])
        Storage.prototype[name] = function (...args) {
          touches++
          return before.apply(this, args)
        }
      const started = performance.now()
      const module = await import(url)
      const made = kind === 'bare' ? module.createBare(base) : module.createTracker({ ...options, automatic: true })
      const sync = performance.now() - started
      while (kind === 'bare' ? !(await made.opening.then(() => true)) : made.status().made < 1)
        await new Promise(resolve => {
          const { port1, port2 } = new MessageChannel()
          port1.onmessage = resolve
          port2.postMessage(0)
        })
      return { sync, kept: performance.now() - started, touches }
    },
    { kind, options: options(key), base },
  )
  await page.close()
  return times
}

async function startBeside(what, ourKey, otherKind, otherKey, limit) {
  const pairs = []
  let touches = 0
  // The first of each makes its database, and does not count.
  await start('core', ourKey)
  await start(otherKind, otherKey)
  for (let round = 0; round < rounds * 2; round++) {
    const order = round % 2 ? [true, false] : [false, true]
    const got = {}
    for (const isOther of order) got[isOther] = await start(isOther ? otherKind : 'core', isOther ? otherKey : ourKey)
    touches += got.false.touches
    pairs.push([got.false, got.true])
  }
  for (const part of ['sync', 'kept'])
    row(
      `${what}: ${part === 'sync' ? 'evaluate + create' : 'until the first page is kept'}`,
      median(pairs.map(([a]) => a[part] * 1000)),
      median(pairs.map(([, b]) => b[part] * 1000)),
      median(pairs.map(([a, b]) => a[part] / b[part])),
      limit,
      `localStorage touched ${touches} times`,
    )
}

const rows = []
function row(what, ours, other, ratio, limit, note = '') {
  rows.push(`| ${what} | ${ours.toFixed(0)} | ${other.toFixed(0)} | **${ratio.toFixed(2)}** | ${limit} | ${note} |`)
  console.log(rows[rows.length - 1])
}

console.log(`Chromium ${context.browser()?.version() ?? ''}, CPU throttle ${throttle}x, medians of ${rounds} rounds\n`)
console.log('| what | sojourn, µs | beside it, µs | ratio | at most | |\n|---|---:|---:|---:|---:|---|')
const isAsked = part => !process.argv[3] || process.argv[3] === part
if (isAsked('calls')) {
  await callsBeside('track(), one record a task, against a bare idb loop', 1, 100, 1.3)
  await callsBeside('track(), 1,000 records in a task, against a bare idb loop', 1000, 1, 1.3)
}
if (isAsked('start')) await startBeside('start, against a bare outbox', 'start', 'bare', '', 2)
if (isAsked('large')) {
  await fill('small', 100)
  await fill('large', 100_000)
  const small = []
  const large = []
  for (let round = 0; round < rounds; round++) {
    small.push((await calls('small', 1, 100, false, false)).us)
    large.push((await calls('large', 1, 100, false, false)).us)
  }
  row(
    'track() with 100,000 records in the store, against 100',
    median(large),
    median(small),
    median(large.map((us, at) => us / small[at])),
    1.2,
  )
  await startBeside('start with 100,000 records in the store, against 100', 'large', 'core', 'small', 1.5)
}
await context.close()
site.close()
rmSync(profile, { recursive: true, force: true })
