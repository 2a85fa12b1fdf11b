import { existsSync, readFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { TrackerOptions } from '../../src/index.js'

/** How to make a page of the site. */
export interface PageWish {
  readonly options?: Partial<TrackerOptions>
  /** The build to load: `core`, or a variant that `scripts/variants.mjs` makes. */
  readonly build?: string
  /** Makes this many events in the task that makes the tracker. Then asks the site to kill, with `/kill`. */
  readonly early?: number
  /** How many tasks later the page asks; default 0. */
  readonly earlyTasks?: number
  /** Adds a bare put + commit to the page, as `bareMake`, to compare the tracker with. */
  readonly bare?: boolean
  /** Moves the clock of the page from the start, ms. */
  readonly shiftMs?: number
  readonly path?: string
}

/** The site of a case. A page asks for `/kill?after=50` to be killed after 50 ms. */
export interface FaultSite {
  readonly url: string
  /** What `/kill` does. At 0 ms the page waits for it, because its request is synchronous. */
  onKill: () => void | Promise<void>
  address(wish: PageWish): string
  stop(): Promise<void>
}

const buildPath = (name: string): string =>
  name === 'core' ? (process.env.SOJOURN_CORE ?? 'dist/esm/index.js') : `build/variants/${name}.js`

export async function startFaultSite(defaults: TrackerOptions): Promise<FaultSite> {
  const site: { onKill: FaultSite['onKill'] } = { onKill: () => {} }
  const server = createServer((request, response) => {
    const { pathname, searchParams } = new URL(request.url ?? '/', 'http://site')
    const script = /^\/build\/([\w-]+)\.js$/.exec(pathname)
    if (pathname === '/kill') {
      const after = Number(searchParams.get('after'))
      if (after) setTimeout(site.onKill, after)
      void Promise.resolve(after || site.onKill()).then(() => response.end(''))
      return
    }
    if (script || pathname === '/idb.js') {
      const path = script ? buildPath(script[1] as string) : 'node_modules/idb/build/index.js'
      if (!existsSync(path)) throw new Error(`${path} is not there: npm run build makes it`)
      response.setHeader('Content-Type', 'text/javascript')
      // A sandboxed frame has no origin. It can load a module only from a server that allows every origin.
      response.setHeader('Access-Control-Allow-Origin', '*')
      response.end(readFileSync(path))
      return
    }
    response.setHeader('Content-Type', 'text/html; charset=utf-8')
    // Only the back/forward cache may keep the pages.
    response.setHeader('Cache-Control', 'no-cache')
    response.end(html(JSON.parse(searchParams.get('wish') ?? '{}') as PageWish, defaults))
  })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  return Object.assign(site, {
    url,
    address: (wish: PageWish) => `${url}${wish.path ?? '/'}?wish=${encodeURIComponent(JSON.stringify(wish))}`,
    stop: () =>
      new Promise<void>(resolve => {
        server.closeAllConnections()
        server.close(() => resolve())
      }),
  })
}

function html(
  { options, build = 'core', early = 0, earlyTasks = 0, bare, shiftMs = 0 }: PageWish,
  defaults: TrackerOptions,
): string {
  return `<!doctype html><title>Fault page</title><h1>Fault page</h1>
${shiftMs ? `<script>${shiftClock(shiftMs)}</script>` : ''}
<script type="module">
  import { createTracker } from '/build/${build}.js'
  ${bare ? "import { openDB } from '/idb.js'" : ''}
  window.errors = []
  addEventListener('pageshow', event => (window.isReturned = event.persisted))
  window.longest = 0
  let making = 0
  // Firefox and WebKit do not have these entries, and would write a console line.
  if (PerformanceObserver.supportedEntryTypes.includes('longtask')) new PerformanceObserver(list => {
    for (const { startTime, duration } of list.getEntries()) if (startTime > making) window.longest = Math.max(window.longest, duration)
  }).observe({ type: 'longtask', buffered: false })
  window.kill = after => {
    const request = new XMLHttpRequest()
    request.open('GET', '/kill?after=' + after, false)
    // The request fails because the browser is killed meanwhile. Usually no code runs after that.
    try { request.send() } catch { window.errors.push('killed') }
  }
  const tracker = (window.tracker = createTracker({
    ...${JSON.stringify({ ...defaults, ...options })},
    onError: error => window.errors.push(error.code),
  }))
  window.settled = () => new Promise(resolve => {
    const opening = indexedDB.open('sojourn-' + ${JSON.stringify(defaults.key)})
    opening.onsuccess = () => {
      const tx = opening.result.transaction('parcels', 'readwrite')
      tx.oncomplete = () => resolve(opening.result.close())
      tx.objectStore('parcels').count()
    }
  })
  window.make = (from, to) => {
    for (let n = from; n < to; n++) tracker.track('Numbered', { n })
    making = performance.now()
  }
  ${early ? `window.make(0, ${early}); ${earlyTasks ? 'setTimeout(() => setTimeout(() => window.kill(0)))' : 'window.kill(0)'}` : ''}
  ${
    bare
      ? `const db = await openDB('bare', 1, { upgrade: opened => void opened.createObjectStore('owed') })
  window.bareMake = (from, to) => {
    const tx = db.transaction('owed', 'readwrite', { durability: 'relaxed' })
    for (let n = from; n < to; n++) tx.store.put({ eventID: crypto.randomUUID(), eventName: 'Numbered', timestamp: Date.now(), url: location.href, data: { n } }, n)
    tx.commit()
  }
  window.bareCount = () => db.count('owed')`
      : ''
  }
</script>`
}

function shiftClock(ms: number): string {
  return `{
    const now = Date.now
    const origin = performance.timeOrigin + ${ms}
    Date.now = () => now() + ${ms}
    Object.defineProperty(performance, 'timeOrigin', { get: () => origin, configurable: true })
  }`
}
