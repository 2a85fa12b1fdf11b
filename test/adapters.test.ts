import { readdirSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { JSDOM } from 'jsdom'
import { afterEach, beforeEach, describe, expect, it, type MockInstance, vi } from 'vitest'
import type { AdapterTracker } from '../src/adapters/adapter.js'
import { dataLayer } from '../src/adapters/data-layer.js'
import { gtag } from '../src/adapters/gtag.js'
import { gwe } from '../src/adapters/gwe.js'
import { plausible } from '../src/adapters/plausible.js'
import { segment } from '../src/adapters/segment.js'
import { createTestTracker, stopTestTrackers, type TestTracker } from '../src/testing/index.js'

let test: TestTracker
let tracker: AdapterTracker
let page: Record<string, any>
let lines: MockInstance[]

beforeEach(() => {
  test = createTestTracker()
  tracker = test.tracker
  page = new JSDOM('<a id="link" href="#there"><b>Buy</b></a><form id="form"><input name="length"></form>', {
    runScripts: 'outside-only',
    url: 'https://shop.example/now',
  }).window
  vi.stubGlobal('window', page)
  lines = [console, page.console].flatMap(one =>
    (['log', 'warn', 'error'] as const).map(name => vi.spyOn(one, name).mockImplementation(() => {})),
  )
})

afterEach(() => {
  vi.unstubAllGlobals()
  stopTestTrackers()
  expect(lines.flatMap(one => one.mock.calls)).toEqual([])
  vi.restoreAllMocks()
})

/** The address of a test without a page. */
const here = 'https://page.invalid/'

/** Runs a script of the page. What it throws fails the test. */
const run = (code: string): any => page.eval(code)
/** Waits until all that was called has been called back. */
const nextTask = (): Promise<void> => new Promise(resolve => setTimeout(resolve))
/** What has arrived, in order: the event, whose session, which page, and its data. */
async function arrived(): Promise<unknown[]> {
  const { collector } = test
  await test.tracker.flush()
  const pages = new Map(collector.pages().map(one => [one.pageID, [one.url, one.title, one.category]]))
  return collector
    .events()
    .filter(({ eventName }) => !/VisitStarted|PageExited/.test(eventName))
    .map(({ eventName, sessionID, pageID, data }) => [
      eventName,
      ...(eventName === 'SignIn' ? [collector.session(sessionID ?? '')?.identityId] : []),
      ...(eventName === 'PageEntered' ? (pages.get(pageID ?? '') ?? []) : []),
      ...(data && Object.keys(data)[0] ? [data] : []),
    ])
}

/** What Segment's snippet does, of the version before 5. */
const oldSnippet = `!function () {
  var analytics = (window.analytics = window.analytics || [])
  if (!analytics.initialize)
    if (analytics.invoked) window.console && console.error && console.error('Segment snippet included twice.')
    else {
      analytics.invoked = !0
      analytics.methods = ['trackSubmit', 'trackClick', 'trackLink', 'trackForm', 'pageview', 'identify', 'reset', 'group', 'track',
        'ready', 'alias', 'debug', 'page', 'once', 'off', 'on']
      analytics.factory = function (method) {
        return function () {
          var args = Array.prototype.slice.call(arguments)
          args.unshift(method)
          analytics.push(args)
          return analytics
        }
      }
      for (var at = 0; at < analytics.methods.length; at++) analytics[analytics.methods[at]] = analytics.factory(analytics.methods[at])
      analytics.page()
    }
}()`
/** Since 5 it notes the page at the call, and calls the loaded library if there is one. */
const newSnippet = oldSnippet.replace(
  'args.unshift(method)',
  `if (window.analytics.initialized) return window.analytics[method].apply(window.analytics, arguments)
   if (['track', 'screen', 'alias', 'group', 'page', 'identify'].indexOf(method) > -1)
     args.push({ __t: 'bpc', c: undefined, p: location.pathname, u: location.href, s: location.search, t: document.title, r: document.referrer })
   args.unshift(method)`,
)
const plausibleSnippet = `window.plausible = window.plausible || function () { (window.plausible.q = window.plausible.q || []).push(arguments) }
  plausible.init = plausible.init || function (options) { plausible.o = options || {} }`
const gtagSnippet = `window.dataLayer = window.dataLayer || []
  function gtag() { dataLayer.push(arguments) }`

const adapters = [
  { name: 'data-layer', begin: dataLayer, setUp: 'window.dataLayer = []', call: 'dataLayer.push({ event: NAME })' },
  { name: 'gtag', begin: gtag, setUp: gtagSnippet, call: `gtag('event', NAME)` },
  { name: 'gwe', begin: gwe, setUp: 'window._gt = []', call: `_gt.push(['event', NAME])` },
  { name: 'plausible', begin: plausible, setUp: plausibleSnippet, call: 'plausible(NAME)' },
  { name: 'segment', begin: segment, setUp: oldSnippet.replace('analytics.page()', ''), call: 'analytics.track(NAME)' },
]
/** The names of the events that have arrived. */
const names = async (): Promise<unknown[]> => (await arrived()).map(one => (one as unknown[])[0])

describe.each(adapters)('the adapter $name', ({ begin, setUp, call }) => {
  const callWith = (name: string): string => call.replace('NAME', `'${name}'`)

  it('does nothing where there is no page, and has an undo', () => {
    vi.stubGlobal('window', undefined)
    begin(tracker)()
    vi.unstubAllGlobals()
    begin(tracker)()
  })

  it('counts each call once when it is undone and begins again, as effects under StrictMode do', async () => {
    run(`${setUp}\n${callWith('before')}`)
    const undo = begin(tracker)
    run(callWith('first'))
    undo()
    run(callWith('between'))
    const undoAgain = begin(tracker)
    run(callWith('second'))
    undoAgain()
    begin(tracker)
    expect(await names()).toEqual(['before', 'first', 'between', 'second'])
  })

  it('records nothing more when it is undone, although another script has put its own push around', async () => {
    run(setUp)
    const undo = begin(tracker)
    run(`for (const list of [window.dataLayer, window._gt, window.analytics, (window.plausible || 0).q]) if (list) {
      const push = list.push
      list.push = (...items) => push.apply(list, items)
    }
    ${callWith('on')}`)
    undo()
    run(callWith('off'))
    expect(await names()).toEqual(['on'])
  })

  it('does nothing in a page that lets nobody change its globals', () => {
    vi.stubGlobal('window', Object.freeze({}))
    expect(begin(tracker)).not.toThrow()
    const hostile = new Proxy({}, { get: () => run('throw new Error("no")') })
    vi.stubGlobal('window', hostile)
    expect(begin(tracker)).not.toThrow()
  })

  it('takes a long queue', async () => {
    run(`${setUp}\nfor (let at = 0; at < 20_000; at++) ${call.replace('NAME', `at % 10_000 ? '' : 'each'`)}`)
    test.tracker.onError(() => {})
    begin(tracker)
    expect(await names()).toEqual(['each', 'each'])
  })
})

describe('the adapters', () => {
  it('are all tried above', () => {
    const files = readdirSync(fileURLToPath(new URL('../src/adapters', import.meta.url)))
    expect(files.filter(file => file !== 'adapter.ts')).toEqual(adapters.map(({ name }) => `${name}.ts`))
  })
})

describe('the adapter of Genesys Web Engagement', () => {
  it('takes the spelling of 8.5, also what was pushed before', async () => {
    run(`var _gt = window._gt || []
      _gt.push(['event', 'SignIn', { data: { userID: 'ada@shop.example', name: 'Ada' } }])
      _gt.push(['event', 'SignIn', { data: { userID: 'ada@shop.example' } }])`)
    gwe(tracker)
    run(`_gt.push(['event', 'AddToCart', { data: { productName: 'Sony', productPrice: '1000' } }])
      _gt.push(['event', 'AddToCart'])
      _gt.push(['event', 'UserInfo', { data: { location: 'Lisbon' } }])
      _gt.push(['event', 'SignOut', { data: { userID: 'ada@shop.example' } }])`)
    expect(await arrived()).toEqual([
      ['SignIn', 'ada@shop.example', { name: 'Ada' }],
      ['AddToCart', { productName: 'Sony', productPrice: '1000' }],
      ['AddToCart'],
      ['UserInfo', { location: 'Lisbon' }],
      ['SignOut'],
    ])
  })

  it('takes the spelling of 8.1', async () => {
    gwe(tracker)
    run(`_gt.push(['sendSignIn', { userID: 'ada' }], ['event', { eventName: 'AddToCart', productModel: 'JVB72' }])
      _gt.push(['sendUserInfo', { userID: 'ada', location: 'Lisbon' }]); _gt.push(['sendSignOut', { userID: 'ada' }])`)
    expect(await arrived()).toEqual([
      ['SignIn', 'ada'],
      ['AddToCart', { productModel: 'JVB72' }],
      ['UserInfo', { userID: 'ada', location: 'Lisbon' }],
      ['SignOut'],
    ])
  })

  it('answers getIDs with the visit that its events are in', async () => {
    gwe(tracker)
    run(`_gt.push(['event', 'A']); _gt.push(['getIDs', ids => { found = ids }]); _gt.push(['getIDs'])`)
    await vi.waitFor(() => expect(page.found).toBeDefined())
    await test.tracker.flush()
    expect(page.found).toEqual({ visitID: test.collector.events()[0]?.visitID })
  })

  it.each([
    [
      'no command',
      'null, undefined, 7, "event", {}, [], [null], ["event"], ["config", { name: "x" }], [Symbol()], () => {}',
    ],
    ['what cannot be read', '["event", "A", { get data() { throw new Error("no") } }]'],
    ['what throws at every question', 'new Proxy([], { get() { throw new Error("no") } })'],
  ])('lets the page push %s, and records nothing of it', async (_what, items) => {
    gwe(tracker)
    expect(run(`_gt.push(${items}, ['event', 'next'])`)).toBeGreaterThan(1)
    expect(await arrived()).toEqual([['next']])
    expect(test.tracker.status().errors).toEqual({})
  })

  it('takes a list that is frozen, and what is no list, without a throw', async () => {
    run(`window._gt = Object.freeze([['event', 'A']])`)
    gwe(tracker)
    run(`window._gt = 'not a list'`)
    gwe(tracker)
    expect(await arrived()).toEqual([['A']])
  })

  it('gives the list back when it is undone', async () => {
    const undo = gwe(tracker)
    undo()
    run(`_gt.push(['event', 'AddToCart'])`)
    expect(await arrived()).toEqual([])
    expect(run('_gt.length')).toBe(1)
  })
})

describe('the adapter of Segment', () => {
  it.each([
    ['before 5', oldSnippet],
    ['since 5', newSnippet],
  ])('takes what the snippet %s has queued, and what comes', async (_version, snippet) => {
    run(`${snippet}\nanalytics.identify('user-42', { name: 'Ada' }); analytics.identify('user-42'); analytics.track('Seen')
      var early = analytics`)
    segment(tracker)
    run(`early.track('Added', { sku: 'A1' }); analytics.identify({ location: 'Lisbon' })
      analytics.page('Cart'); analytics.page('Shop', 'Cart', { step: 2 }); analytics.group('g', { name: 'Analysts' }); analytics.reset()`)
    expect(await arrived()).toEqual([
      ['PageEntered', here, '', ''],
      ['SignIn', 'user-42', { name: 'Ada' }],
      ['Seen'],
      ['Added', { sku: 'A1' }],
      ['UserInfo', { location: 'Lisbon' }],
      ['PageEntered', here, 'Cart', ''],
      ['PageEntered', here, 'Cart', 'Shop', { step: 2 }],
      ['SignOut'],
    ])
  })

  it('knows which page a queued page view was of', async () => {
    run(newSnippet)
    run(`document.title = 'Cart'; history.pushState(null, '', '/cart'); analytics.page(); analytics.page('Basket', { step: 2 })
      history.pushState(null, '', '/paid')`)
    segment(tracker)
    expect((await arrived()).slice(1)).toEqual([
      ['PageEntered', 'https://shop.example/cart', 'Cart', ''],
      ['PageEntered', 'https://shop.example/cart', 'Basket', '', { step: 2 }],
    ])
  })

  it.each([
    ['before 5', oldSnippet],
    ['since 5', newSnippet],
  ])('takes the calls of a snippet %s that comes later', async (_version, snippet) => {
    segment(tracker)
    run(`${snippet}\nanalytics.identify('user-42'); analytics.track('Added', { sku: 'A1' })`)
    expect(await arrived()).toEqual([
      ['PageEntered', here, '', ''],
      ['SignIn', 'user-42'],
      ['Added', { sku: 'A1' }],
    ])
  })

  it('reads each spelling of a call', async () => {
    segment(tracker)
    run(`analytics.identify(null, { plan: 'free' }); analytics.identify(); analytics.identify(null); analytics.identify('')
      analytics.page(null, 'N', { step: 1 }); analytics.page({ title: 'T', url: 'https://shop.example/t' }); analytics.page(undefined)
      analytics.track({ event: 'A', properties: { sku: 'A1' } }); analytics.track('B', null); analytics.push(['track', 'C'])
      analytics.identify(7, null, { integrations: { All: false } })`)
    expect(await arrived()).toEqual([
      ['UserInfo', { plan: 'free' }],
      ['PageEntered', here, 'N', '', { step: 1 }],
      ['PageEntered', 'https://shop.example/t', 'T', ''],
      ['PageEntered', here, '', ''],
      ['A', { sku: 'A1' }],
      ['B'],
      ['C'],
      ['SignIn', '7'],
    ])
  })

  it.each(['', oldSnippet])('calls callbacks of calls in a later task, and no other function', async snippet => {
    // What the snippet has queued is a call as later ones are.
    run(snippet.replace('analytics.page()', '').replace("'on']", "'on', 'addSourceMiddleware', 'register']"))
    if (!snippet) segment(tracker)
    run(`called = []; const tell = name => () => called.push(name)
      analytics.track('A', {}, tell('track')); analytics.ready(tell('ready')); analytics.page('P', tell('page'))
      analytics.identify('ada', tell('identify')); analytics.group('g', {}, {}, tell('group')); analytics.alias('b', tell('alias'))
      analytics.track('B', tell('short')); analytics.on('track', tell('on')); analytics.addSourceMiddleware(tell('middleware'))
      analytics.register(tell('plugin')); analytics.once('page', tell('once'))`)
    if (snippet) segment(tracker)
    expect(page.called).toEqual([])
    await nextTask()
    expect(page.called).toEqual(['track', 'ready', 'page', 'identify', 'group', 'alias', 'short'])
    expect(await arrived()).toEqual([['A'], ['PageEntered', here, 'P', ''], ['SignIn', 'ada'], ['B']])
  })

  it('leaves out the query of a page, which its address has without secrets', async () => {
    segment(tracker)
    run(`analytics.page({ url: 'https://shop.example/p?token=s3cret', path: '/p', search: '?token=s3cret' })`)
    expect(await arrived()).toEqual([['PageEntered', 'https://shop.example/p?token=…', '', '', { path: '/p' }]])
  })

  it('lets calls be chained and awaited, and is not awaited itself', async () => {
    segment(tracker)
    expect(
      await run(`(async () => {
        analytics.identify('ada').track('A').on('page', () => {}).track('B').page('P')
        analytics.debug().track('C')
        await analytics.track('D')
        const get = async () => window.analytics
        ;(await get()).track('E')
        const steps = []
        await analytics.track('F').then(context => steps.push(String(context.event.type))).finally(() => steps.push('finally'))
        await analytics.track('G').catch(() => {}).then(() => steps.push('then'))
        await analytics.ready().then(() => steps.push('ready'))
        return JSON.stringify(steps)
      })()`),
    ).toBe('["","finally","then","ready"]')
    expect(await names()).toEqual(['SignIn', 'A', 'B', 'PageEntered', 'C', 'D', 'E', 'F', 'G'])
  })

  it('tracks clicks on links and submissions of forms, and holds neither up', async () => {
    segment(tracker)
    run(`var link = document.querySelector('#link'), form = document.querySelector('#form'), prevented = []
      analytics.trackLink(link, 'Clicked', { place: 'top' })
      analytics.trackClick([link], one => 'Clicked ' + one.id, one => ({ href: one.getAttribute('href') }))
      analytics.trackForm(form, 'Sent', { list: 'news' }); analytics.trackSubmit(document.querySelectorAll('form'), 'Sent too')
      analytics.trackLink(null, 'None'); analytics.trackLink({ length: 1, 0: link, toArray() { return [link] } }, 'Of jQuery')
      for (const type of ['click', 'submit']) addEventListener(type, event => { prevented.push(event.defaultPrevented); event.preventDefault() })
      document.querySelector('b').click(); form.requestSubmit()`)
    expect(run('prevented')).toEqual([false, false])
    expect(await arrived()).toEqual([
      ['Clicked', { place: 'top' }],
      ['Clicked link', { href: '#there' }],
      ['Of jQuery'],
      ['Sent', { list: 'news' }],
      ['Sent too'],
    ])
  })

  it('says who is signed in, and of other ids that they are not known', async () => {
    segment(tracker)
    run(`analytics.identify('ada')`)
    await arrived()
    expect(
      run(`[analytics.user().id(), analytics.user().anonymousId(), JSON.stringify(analytics.user().traits())]`),
    ).toEqual(['ada', undefined, '{}'])
    expect(run('`${analytics.id()}|${analytics.group().id()}|` + analytics.user().cookie')).toBe('||')
  })

  it('takes everything else that the library has, without a throw', async () => {
    segment(tracker)
    run(`('setAnonymousId addSourceMiddleware addIntegrationMiddleware addDestinationMiddleware debug register deregister timeout use load off ' +
      'queryString emit setWriteKey noConflict normalize').split(' ').forEach(name => analytics[name]('x', () => {}))
      analytics.Integrations.Thing.prototype.initialise('x'); analytics.init(); for (const one of analytics.plugins) one.run()
      const { VERSION, settings: { timeout } } = analytics; JSON.stringify([analytics, VERSION, timeout])
      const { track } = analytics; analytics.track = (...args) => track(...args, 'wrapped'); analytics.track('A')`)
    expect(await arrived()).toEqual([['A']])
  })

  it('reads on behind an item of the queue that is no call', async () => {
    run(`window.analytics = [null, 7, [], ['nothing'], [Symbol()], ['track', { get event() { throw new Error('no') } }], ['constructor'],
      new Proxy([], { get() { throw new Error('no') } }), ['track', 'A']]`)
    segment(tracker)
    run(`analytics.push(null, ['track', 'B'])`)
    expect(await arrived()).toEqual([['A'], ['B']])
  })

  it('takes a queue that is frozen, and does not take it again', async () => {
    run(`window.analytics = Object.freeze([['track', 'A']])`)
    segment(tracker)()
    run(`analytics.track('B')`)
    segment(tracker)
    run(`analytics.track('C')`)
    expect(await arrived()).toEqual([['A'], ['B'], ['C']])
  })

  it('leaves another library that the page has put in its place', async () => {
    const undo = segment(tracker)
    run(`window.analytics = { track() { return 'other' } }`)
    undo()
    expect(run(`analytics.track('A')`)).toBe('other')
    segment(tracker)()
    expect(run(`analytics.track('A')`)).toBe('other')
    expect(await arrived()).toEqual([])
  })

  it('stays without a throw when it is undone in a page without the snippet', async () => {
    const undo = segment(tracker)
    run('var early = analytics')
    undo()
    run(`analytics.track('A').then(() => {}); early.track('B')`)
    expect(await arrived()).toEqual([])
    segment(tracker)
    run(`early.track('C')`)
    expect(await arrived()).toEqual([['A'], ['B'], ['C']])
  })
})

describe('the adapter of a data layer', () => {
  it('takes events with their data, and who is signed in', async () => {
    run(`window.dataLayer = [{ 'gtm.start': 1, event: 'gtm.js' }, { user_id: 'user-42' }]`)
    dataLayer(tracker)
    run(`dataLayer.push({ event: 'add_to_cart', ecommerce: { value: 19.95 }, length: 1 }, { page_type: 'shop' })
      dataLayer.push({ event: 'logout', user_id: null })`)
    expect(await arrived()).toEqual([
      ['SignIn', 'user-42'],
      ['add_to_cart', { ecommerce: { value: 19.95 }, length: 1 }],
      ['logout'],
      ['SignOut'],
    ])
  })

  it('leaves out what is meant for the tag manager, and what is no event', async () => {
    run(
      `window.dataLayer = [{ event: 'A', 'gtm.uniqueEventId': 4, 'gtm.priorityId': 1, eventTimeout: 2000, eventCallback() {}, user_data: { email: 'a' } }]`,
    )
    dataLayer(tracker)
    run(`dataLayer.push({ ecommerce: null }, { event: undefined }, { event: '' }, { event: 7 }, { event: null }, null, undefined, 'x', 7,
      function () { this.reset() }, ['set', 'x', 1], { event: 'gtm.click' }, { get event() { throw new Error('no') } }, { event: 'B', ecommerce: null })`)
    expect(await arrived()).toEqual([['A'], ['B', { ecommerce: null }]])
  })

  it('calls eventCallback in a later task', async () => {
    dataLayer(tracker)
    run(`called = 0; dataLayer.push({ event: 'A', eventCallback: () => called++ })`)
    expect(page.called).toBe(0)
    await nextTask()
    expect(page.called).toBe(1)
  })

  it.each([
    ['its snippet stands in the page', `dataLayer.push({ 'gtm.start': 1, event: 'gtm.js' })`],
    ['it has loaded', 'google_tag_manager = {}'],
  ])('leaves eventCallback to the tag manager when %s', async (_when, code) => {
    dataLayer(tracker)
    run(`${code}; called = 0; dataLayer.push({ event: 'A', eventCallback: () => called++ })`)
    await nextTask()
    expect(page.called).toBe(0)
  })

  it('counts an object that is pushed twice two times', async () => {
    run(`var one = { event: 'A' }; window.dataLayer = [one, one]`)
    dataLayer(tracker)
    run('dataLayer.push(one); dataLayer.push(one)')
    expect(await arrived()).toEqual([['A'], ['A'], ['A'], ['A']])
  })

  it('leaves calls of gtag to their own adapter, and so does that one', async () => {
    dataLayer(tracker)
    gtag(tracker)
    run(`${gtagSnippet}; gtag('event', 'login'); dataLayer.push({ event: 'shown' })`)
    expect(await arrived()).toEqual([['login'], ['shown']])
  })

  it('takes another list and another member for who is signed in', async () => {
    dataLayer(tracker, { name: 'layer', identity: 'customer' })
    run(`layer.push({ event: 'A', customer: 'ada', user_id: 5 })`)
    expect(await arrived()).toEqual([
      ['SignIn', 'ada'],
      ['A', { user_id: 5 }],
    ])
  })

  it('does not throw into a page that puts another list in its place', () => {
    const undo = dataLayer(tracker)
    run(`window.dataLayer = [{ event: 'A' }]; dataLayer.push({ event: 'B' })`)
    expect(undo).not.toThrow()
    expect(run('dataLayer.length')).toBe(2)
  })
})

describe('the adapter of gtag', () => {
  it('takes events, page views and who is signed in', async () => {
    run(`${gtagSnippet}
      gtag('js', new Date()); gtag('config', 'G-1', { user_id: 'user-42' })`)
    gtag(tracker)
    run(`gtag('event', 'add_to_cart', { value: 19.95 })
      gtag('event', 'page_view', { page_title: 'Cart', page_location: 'https://shop.example/cart', step: 2 })
      gtag('set', { user_id: null }); dataLayer.push({ event: 'not gtag' })`)
    expect(await arrived()).toEqual([
      ['SignIn', 'user-42'],
      ['add_to_cart', { value: 19.95 }],
      ['PageEntered', 'https://shop.example/cart', 'Cart', '', { step: 2 }],
      ['SignOut'],
    ])
  })

  it.each([
    ['the name and the value', `'user_id', 'ada'`, `'user_id', null`],
    ['an object', `{ user_id: 'ada', currency: 'EUR' }`, `{ user_id: '' }`],
  ])('takes who is signed in from set with %s', async (_how, sets, unsets) => {
    gtag(tracker)
    run(`${gtagSnippet}; gtag('set', ${sets}); gtag('set', 'user_properties', { plan: 'pro' }); gtag('set', { user_id: undefined })
      gtag('set', ${unsets})`)
    expect(await arrived()).toEqual([['SignIn', 'ada'], ['UserInfo', { plan: 'pro' }], ['SignOut']])
  })

  it('takes who is signed in from an event too, and never what names a person', async () => {
    gtag(tracker)
    run(`${gtagSnippet}; gtag('set', 'user_data', { email: 'ada@shop.example' })
      gtag('event', 'login', { method: 'Google', user_id: 42, user_properties: { plan: 'pro' }, user_data: { email: 'ada@shop.example' } })
      gtag('event', 'page_view', { page_path: '/cart', user_id: '42', user_data: { email: 'ada@shop.example' } })
      gtag('event', 'purchase', { transaction_id: 'T1', value: 30, items: [{ item_id: 'A1', quantity: 3 }] }); gtag('event', 'logout', { user_id: null })`)
    expect(await arrived()).toEqual([
      ['SignIn', '42'],
      ['UserInfo', { plan: 'pro' }],
      ['login', { method: 'Google' }],
      ['PageEntered', here, '', '', { page_path: '/cart' }],
      ['purchase', { transaction_id: 'T1', value: 30, items: [{ item_id: 'A1', quantity: 3 }] }],
      ['logout'],
      ['SignOut'],
    ])
  })

  it('calls back, also who asks for a value, and keeps what controls a call out of the data', async () => {
    gtag(tracker)
    run(`${gtagSnippet}; called = []
      gtag('event', 'A', { value: 1, event_callback: () => called.push('event'), event_timeout: 2000, send_to: 'G-1', transport_type: 'beacon' })
      gtag('event', 'page_view', { send_to: 'G-1', event_callback: () => called.push('page') })
      gtag('get', 'G-1', 'client_id', value => called.push(value))`)
    expect(page.called).toEqual([])
    await nextTask()
    expect(page.called).toEqual(['event', 'page', undefined])
    expect(await arrived()).toEqual([
      ['A', { value: 1 }],
      ['PageEntered', here, '', ''],
    ])
  })

  it('leaves callbacks to a script of Google that is there', async () => {
    gtag(tracker)
    run(`${gtagSnippet}; google_tag_manager = {}; called = 0
      gtag('event', 'A', { event_callback: () => called++ }); gtag('get', 'G-1', 'client_id', () => called++)`)
    await nextTask()
    expect(page.called).toBe(0)
  })

  it('takes every other command, and none, without a throw', async () => {
    gtag(tracker)
    run(`${gtagSnippet}; gtag(); gtag(null); gtag('consent', 'default', { analytics_storage: 'denied' }); gtag('config', 'G-1', { send_page_view: false })
      gtag('config', 'G-1', null); gtag('set'); gtag('set', 'user_properties', null); gtag('set', 'G-1', { x: 1 }); gtag('get'); gtag('js')
      gtag('event', 'A', null); gtag('event', 'B', 'text'); dataLayer.push(null, 7, () => {}, { user_id: 'bob' })`)
    expect(await arrived()).toEqual([['A'], ['B']])
  })
})

describe('the adapter of Plausible', () => {
  it('takes what waits and what comes, and calls back', async () => {
    run(`${plausibleSnippet}\nplausible('Signup', { props: { plan: 'small' } })`)
    plausible(tracker)
    run(
      `plausible('pageview', { u: 'https://shop.example/cart', callback: ({ status }) => { answered = status } }); plausible('Search')`,
    )
    expect(page.answered).toBeUndefined()
    await nextTask()
    expect(page.answered).toBe(202)
    expect(await arrived()).toEqual([
      ['Signup', { plan: 'small' }],
      ['PageEntered', 'https://shop.example/cart', '', ''],
      ['Search'],
    ])
  })

  it('keeps the revenue and the address, and takes an event that is not interactive for no activity', async () => {
    plausible(tracker)
    run(`plausible('Bought', { revenue: { currency: 'EUR', amount: 19.95 }, props: { plan: 'small' } })
      plausible('Beat', { interactive: false, url: 'https://shop.example/b' }); plausible('pageview', { url: 'https://shop.example/c', props: { step: 2 } })`)
    expect(await arrived()).toEqual([
      ['Bought', { plan: 'small', revenue: { currency: 'EUR', amount: 19.95 } }],
      ['Beat', { url: 'https://shop.example/b' }],
      ['PageEntered', 'https://shop.example/c', '', '', { step: 2 }],
    ])
    const activity = new Map(test.collector.events().map(one => [one.eventName, one.activity]))
    expect([activity.get('Bought'), activity.get('Beat')]).toEqual([undefined, false])
  })

  it.each([
    ['before', (init: string) => [`${plausibleSnippet}\n${init}`, '']],
    ['later', (init: string) => ['', `${plausibleSnippet}\n${init}`]],
    ['without the snippet', (init: string) => ['', init]],
  ])('takes the custom properties of init: %s', async (_when, toCode) => {
    const [before, after] = toCode(`plausible.init({ customProperties: { theme: 'dark', plan: 'none' } })`)
    run(before as string)
    plausible(tracker)
    run(`${after}; plausible('A', { props: { plan: 'small' } }); plausible.init({ customProperties: name => ({ of: name }) }); plausible('B')
      plausible.init(); plausible('C')`)
    expect(await arrived()).toEqual([['A', { theme: 'dark', plan: 'small' }], ['B', { of: 'B' }], ['C']])
  })

  it('reads on behind an item of the queue that is no call', async () => {
    run(
      `${plausibleSnippet}; plausible.q = [null, 7, { get 0() { throw new Error('no') } }, ['A', null], ['B', { get props() { throw new Error('no') } }], ['C']]`,
    )
    plausible(tracker)
    run(`plausible('D', 'text'); plausible('E', { callback: 'no function', props: null })`)
    expect(await arrived()).toEqual([['A'], ['C'], ['D'], ['E']])
  })
})
