import { runInNewContext } from 'node:vm'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
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

beforeEach(() => {
  test = createTestTracker()
  tracker = test.tracker
  page = {}
  page.window = page
  vi.stubGlobal('window', page)
})

afterEach(() => {
  vi.unstubAllGlobals()
  stopTestTrackers()
})

/** The address of a test without a page. */
const here = 'https://page.invalid/'

/** Runs a script of the page. */
const run = (code: string): unknown => runInNewContext(code, page)
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
      ...(data ? [data] : []),
    ])
}

describe('the adapter of Genesys Web Engagement', () => {
  it('takes the spelling of 8.5, also what was pushed before', async () => {
    run(`var _gt = window._gt || []
      _gt.push(['event', 'SignIn', { data: { userID: 'ada@shop.example', name: 'Ada' } }])`)
    gwe(tracker)
    run(`_gt.push(['event', 'AddToCart', { data: { productName: 'Sony', productPrice: '1000' } }])
      _gt.push(['event', 'AddToCart'])
      _gt.push(['event', 'UserInfo', { data: { location: 'Lisbon' } }])
      _gt.push(['event', 'SignOut', { data: { userID: 'ada@shop.example' } }])`)
    expect(await arrived()).toEqual([
      ['SignIn', 'ada@shop.example', { name: 'Ada' }],
      ['AddToCart', { productName: 'Sony', productPrice: '1000' }],
      ['AddToCart', {}],
      ['UserInfo', { location: 'Lisbon' }],
      ['SignOut'],
    ])
  })

  it('takes the spelling of 8.1', async () => {
    gwe(tracker)
    run(`_gt.push(['sendSignIn', { userID: 'ada' }], ['event', { eventName: 'AddToCart', productModel: 'JVB72' }])
      _gt.push(['sendUserInfo', { userID: 'ada', location: 'Lisbon' }]); _gt.push(['sendSignOut', { userID: 'ada' }])`)
    expect(await arrived()).toEqual([
      ['SignIn', 'ada', {}],
      ['AddToCart', { productModel: 'JVB72' }],
      ['UserInfo', { userID: 'ada', location: 'Lisbon' }],
      ['SignOut'],
    ])
  })

  it.each([
    ['no command', 'null, undefined, 7, {}, [], ["config", { name: "x" }], [Symbol()]'],
    ['what cannot be read', '["event", "A", { get data() { throw new Error("no") } }]'],
  ])('lets the page push %s, and records nothing', async (_what, items) => {
    gwe(tracker)
    run(`_gt.push(${items})`)
    expect(await arrived()).toEqual([])
  })

  it('takes a list that is frozen, and what is no list, without a throw', async () => {
    run(`window._gt = Object.freeze([['event', 'A']])`)
    gwe(tracker)
    run(`window._gt = 'not a list'`)
    gwe(tracker)
    expect(await arrived()).toEqual([['A', {}]])
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
  const snippet = `
    var analytics = (window.analytics = window.analytics || [])
    analytics.methods = ['identify', 'page', 'track', 'reset', 'group', 'ready']
    analytics.factory = method => (...args) => { args.unshift(method); analytics.push(args); return analytics }
    for (const method of analytics.methods) analytics[method] = analytics.factory(method)
    analytics.page()`

  it('takes what the snippet has queued, and what comes', async () => {
    run(`${snippet}\nanalytics.identify('user-42', { name: 'Ada' })`)
    segment(tracker)
    run(`analytics.track('Added', { sku: 'A1' }); analytics.identify({ location: 'Lisbon' })
      analytics.page('Cart'); analytics.page('Shop', 'Cart', { step: 2 }); analytics.group('g'); analytics.reset()`)
    expect(await arrived()).toEqual([
      ['PageEntered', here, '', ''],
      ['SignIn', 'user-42', { name: 'Ada' }],
      ['Added', { sku: 'A1' }],
      ['UserInfo', { location: 'Lisbon' }],
      ['PageEntered', here, 'Cart', ''],
      ['PageEntered', here, 'Cart', 'Shop', { step: 2 }],
      ['SignOut'],
    ])
  })

  it('calls callbacks, and takes the call without them', async () => {
    segment(tracker)
    run(`called = []; analytics.track('A', {}, () => called.push('track')); analytics.ready(() => called.push('ready'))
      analytics.track('B', () => called.push('short'))`)
    expect(page.called).toHaveLength(3)
    expect(await arrived()).toEqual([
      ['A', {}],
      ['B', {}],
    ])
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
      ['logout', {}],
      ['SignOut'],
    ])
  })

  it('leaves calls of gtag to their own adapter', async () => {
    dataLayer(tracker)
    run(`function gtag() { dataLayer.push(arguments) }\ngtag('event', 'login')`)
    expect(await arrived()).toEqual([])
  })
})

describe('the adapter of gtag', () => {
  it('takes events, page views and who is signed in', async () => {
    run(`window.dataLayer = window.dataLayer || []
      function gtag() { dataLayer.push(arguments) }
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
})

describe('the adapter of Plausible', () => {
  it('takes what waits and what comes, and calls back', async () => {
    run(`window.plausible = window.plausible || function () { (window.plausible.q = window.plausible.q || []).push(arguments) }
      plausible('Signup', { props: { plan: 'small' } })`)
    plausible(tracker)
    run(
      `plausible('pageview', { u: 'https://shop.example/cart', callback: ({ status }) => { answered = status } }); plausible('Search')`,
    )
    expect(await arrived()).toEqual([
      ['Signup', { plan: 'small' }],
      ['PageEntered', 'https://shop.example/cart', '', ''],
      ['Search', {}],
    ])
    expect(page.answered).toBe(202)
  })
})
