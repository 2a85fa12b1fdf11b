import { runInNewContext } from 'node:vm'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import type { AdapterTracker } from '../src/adapters/adapter.js'
import { dataLayer } from '../src/adapters/data-layer.js'
import { gtag } from '../src/adapters/gtag.js'
import { gwe } from '../src/adapters/gwe.js'
import { plausible } from '../src/adapters/plausible.js'
import { segment } from '../src/adapters/segment.js'

/** What the tracker was told, in order. */
let told: unknown[][]
let tracker: AdapterTracker
let page: Record<string, any>

beforeEach(() => {
  told = []
  const tell =
    (verb: string) =>
    (...args: unknown[]): void =>
      void told.push([verb, ...args])
  tracker = {
    signIn: tell('signIn'),
    signOut: tell('signOut'),
    userInfo: tell('userInfo'),
    page: tell('page'),
    track: tell('track'),
  }
  page = {}
  page.window = page
  vi.stubGlobal('window', page)
})

afterEach(() => {
  vi.unstubAllGlobals()
})

/** Runs a script of the page. */
const run = (code: string): unknown => runInNewContext(code, page)
/** What was told, as the page's own objects would be written. */
const plain = (): unknown => JSON.parse(JSON.stringify(told))

describe('the adapter of Genesys Web Engagement', () => {
  it('takes the spelling of 8.5, also what was pushed before', () => {
    run(`var _gt = window._gt || []
      _gt.push(['event', 'SignIn', { data: { userID: 'ada@shop.example', name: 'Ada' } }])`)
    gwe(tracker)
    run(`_gt.push(['event', 'AddToCart', { data: { productName: 'Sony', productPrice: '1000' } }])
      _gt.push(['event', 'AddToCart'])
      _gt.push(['event', 'UserInfo', { data: { location: 'Lisbon' } }])
      _gt.push(['event', 'SignOut', { data: { userID: 'ada@shop.example' } }])`)
    expect(plain()).toEqual([
      ['signIn', 'ada@shop.example', { name: 'Ada' }],
      ['track', 'AddToCart', { productName: 'Sony', productPrice: '1000' }],
      ['track', 'AddToCart', {}],
      ['userInfo', { location: 'Lisbon' }],
      ['signOut'],
    ])
  })

  it('takes the spelling of 8.1', () => {
    gwe(tracker)
    run(`_gt.push(['sendSignIn', { userID: 'ada' }], ['event', { eventName: 'AddToCart', productModel: 'JVB72' }])
      _gt.push(['sendUserInfo', { userID: 'ada', location: 'Lisbon' }]); _gt.push(['sendSignOut', { userID: 'ada' }])`)
    expect(plain()).toEqual([
      ['signIn', 'ada', {}],
      ['track', 'AddToCart', { productModel: 'JVB72' }],
      ['userInfo', { userID: 'ada', location: 'Lisbon' }],
      ['signOut'],
    ])
  })

  it.each([
    ['no command', 'null, undefined, 7, {}, [], ["config", { name: "x" }], [Symbol()]'],
    ['what cannot be read', '["event", "A", { get data() { throw new Error("no") } }]'],
  ])('lets the page push %s, and records nothing', (_what, items) => {
    gwe(tracker)
    run(`_gt.push(${items})`)
    expect(told).toEqual([])
  })

  it('takes a list that is frozen, and what is no list, without a throw', () => {
    run(`window._gt = Object.freeze([['event', 'A']])`)
    gwe(tracker)
    run(`window._gt = 'not a list'`)
    gwe(tracker)
    expect(plain()).toEqual([['track', 'A', {}]])
  })

  it('gives the list back when it is undone', () => {
    const undo = gwe(tracker)
    undo()
    run(`_gt.push(['event', 'AddToCart'])`)
    expect(told).toEqual([])
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

  it('takes what the snippet has queued, and what comes', () => {
    run(`${snippet}\nanalytics.identify('user-42', { name: 'Ada' })`)
    segment(tracker)
    run(`analytics.track('Added', { sku: 'A1' }); analytics.identify({ location: 'Lisbon' })
      analytics.page('Cart'); analytics.page('Shop', 'Cart', { step: 2 }); analytics.group('g'); analytics.reset()`)
    expect(plain()).toEqual([
      ['page', {}],
      ['signIn', 'user-42', { name: 'Ada' }],
      ['track', 'Added', { sku: 'A1' }],
      ['userInfo', { location: 'Lisbon' }],
      ['page', { title: 'Cart' }],
      ['page', { title: 'Cart', category: 'Shop', step: 2 }],
      ['signOut'],
    ])
  })

  it('calls callbacks, and takes the call without them', () => {
    segment(tracker)
    run(`called = []; analytics.track('A', {}, () => called.push('track')); analytics.ready(() => called.push('ready'))
      analytics.track('B', () => called.push('short'))`)
    expect(page.called).toHaveLength(3)
    expect(plain()).toEqual([
      ['track', 'A', {}],
      ['track', 'B', {}],
    ])
  })
})

describe('the adapter of a data layer', () => {
  it('takes events with their data, and who is signed in', () => {
    run(`window.dataLayer = [{ 'gtm.start': 1, event: 'gtm.js' }, { user_id: 'user-42' }]`)
    dataLayer(tracker)
    run(`dataLayer.push({ event: 'add_to_cart', ecommerce: { value: 19.95 }, length: 1 }, { page_type: 'shop' })
      dataLayer.push({ event: 'logout', user_id: null })`)
    expect(plain()).toEqual([
      ['signIn', 'user-42'],
      ['track', 'add_to_cart', { ecommerce: { value: 19.95 }, length: 1 }],
      ['track', 'logout', {}],
      ['signOut'],
    ])
  })

  it('leaves calls of gtag to their own adapter', () => {
    dataLayer(tracker)
    run(`function gtag() { dataLayer.push(arguments) }\ngtag('event', 'login')`)
    expect(told).toEqual([])
  })
})

describe('the adapter of gtag', () => {
  it('takes events, page views and who is signed in', () => {
    run(`window.dataLayer = window.dataLayer || []
      function gtag() { dataLayer.push(arguments) }
      gtag('js', new Date()); gtag('config', 'G-1', { user_id: 'user-42' })`)
    gtag(tracker)
    run(`gtag('event', 'add_to_cart', { value: 19.95 })
      gtag('event', 'page_view', { page_title: 'Cart', page_location: 'https://shop.example/cart', step: 2 })
      gtag('set', { user_id: null }); dataLayer.push({ event: 'not gtag' })`)
    expect(plain()).toEqual([
      ['signIn', 'user-42'],
      ['track', 'add_to_cart', { value: 19.95 }],
      ['page', { url: 'https://shop.example/cart', title: 'Cart', step: 2 }],
      ['signOut'],
    ])
  })
})

describe('the adapter of Plausible', () => {
  it('takes what waits and what comes, and calls back', () => {
    run(`window.plausible = window.plausible || function () { (window.plausible.q = window.plausible.q || []).push(arguments) }
      plausible('Signup', { props: { plan: 'small' } })`)
    plausible(tracker)
    run(
      `plausible('pageview', { u: 'https://shop.example/cart', callback: ({ status }) => { answered = status } }); plausible('Search')`,
    )
    expect(plain()).toEqual([
      ['track', 'Signup', { plan: 'small' }],
      ['page', { url: 'https://shop.example/cart' }],
      ['track', 'Search', {}],
    ])
    expect(page.answered).toBe(202)
  })
})
