// @vitest-environment jsdom
import { Activity, act, createElement, type ReactNode, StrictMode, useEffect } from 'react'
import { createRoot } from 'react-dom/client'
import { get } from 'svelte/store'
import { afterEach, beforeAll, describe, expect, it, vi } from 'vitest'
import { createApp, h, ref } from 'vue'
import { pageRegistry } from '../../src/browser/page-registry.js'
import type { Tracker, TrackerOptions } from '../../src/index.js'
import * as react from '../../src/react.js'
import { session } from '../../src/svelte.js'
import { createTracker as createInTest, createTestTracker, stopTestTrackers } from '../../src/testing/index.js'
import '../../src/testing/vitest.js'
import { createTracker } from '../../src/tracker.js'
import * as vue from '../../src/vue.js'

const options = { collector: 'https://collector.example', key: 'shop' }

beforeAll(() => void vi.stubGlobal('IS_REACT_ACT_ENVIRONMENT', true))
afterEach(stopTestTrackers)

/** What has a tracker for a part of the page, and gives its end. */
const parts: Record<string, (given: TrackerOptions) => Promise<() => Promise<void>>> = {
  async React(given) {
    const root = createRoot(document.createElement('div'))
    const provider = createElement(react.SojournProvider, { options: given })
    await act(async () => root.render(createElement(StrictMode, null, provider)))
    return () => act(async () => root.unmount())
  },
  async Vue(given) {
    const app = createApp({ render: () => null }).use(vue.createSojourn(given))
    app.mount(document.createElement('div'))
    return async () => app.unmount()
  },
}
const starts: Record<string, (given: TrackerOptions) => Tracker> = {
  'createTracker of sojourn': createTracker,
  'createTracker of the test kit': createInTest,
}

describe.each(Object.entries(parts))('a tracker that a part of %s has', (_name, begin) => {
  describe.each(Object.entries(starts))('and that the page starts by %s', (_how, start) => {
    it('goes on when the part ends, whichever of them was first', async () => {
      const { tracker } = createTestTracker({ key: 'shop' })
      start(options)
      await (await begin(options))()
      tracker.track('PageFirst')
      tracker.stop()
      const end = await begin(options)
      start(options)
      await end()
      tracker.track('PageLast')
      expect(tracker).toHaveTracked('PageFirst')
      expect(tracker).toHaveTracked('PageLast')
    })

    it('ends with the part if the page has stopped it, and has not started it again', async () => {
      const { tracker } = createTestTracker({ key: 'shop', debug: false })
      start(options).stop()
      const end = await begin(options)
      tracker.track('Within')
      await end()
      tracker.track('After')
      expect(tracker).toHaveTracked('Within')
      expect(tracker).not.toHaveTracked('After')
    })
  })

  it('ends with it if a copy of the library that counts no starts has made the tracker', async () => {
    const stop = vi.fn()
    pageRegistry().set('old', { tracker: { stop }, start() {} })
    const ends = [await begin({ ...options, key: 'old' }), await begin({ ...options, key: 'old' })]
    stop.mockClear()
    await ends[0]?.()
    expect(stop).not.toHaveBeenCalled()
    await ends[1]?.()
    expect(stop).toHaveBeenCalledTimes(1)
    pageRegistry().delete('old')
  })
})

it('a verb of a part that has ended goes to the tracker of the page, and does not stop it', async () => {
  const { tracker, idle } = createTestTracker({ key: 'shop' })
  const place = document.createElement('div')
  const root = createRoot(place)
  const given: Tracker[] = []
  function Shown(): ReactNode {
    given.push(react.useTracker())
    return null
  }
  await act(async () => root.render(createElement(react.SojournProvider, { options }, createElement(Shown))))
  await act(async () => root.unmount())
  createTracker(options)
  given[0]?.track('Late')
  await idle()
  tracker.track('After')
  expect(tracker).toHaveTracked('Late')
  expect(tracker).toHaveTracked('After')
})

it('a test file that puts the kit in the place of sojourn makes the tracker of the page', async () => {
  const own = { ...options, key: 'own' }
  const tracker = createInTest(own)
  await (await (parts.Vue as (typeof parts)[string])(own))()
  tracker.track('After')
  expect(tracker).toHaveTracked('After')
})

describe('a tracker under test', () => {
  it('is that of a provider of React, also under StrictMode', async () => {
    const { tracker, collector, idle } = createTestTracker({ key: 'shop' })
    function Shown(): string {
      const track = react.useTrack()
      useEffect(() => track('Shown'), [track])
      return react.useSession()?.identityId ?? 'nobody'
    }
    const place = document.createElement('div')
    const root = createRoot(place)
    const shown = createElement(react.SojournProvider, { options, identity: 'ada' }, createElement(Shown))
    await act(async () => root.render(createElement(StrictMode, null, shown)))
    await act(idle)
    expect(place.textContent).toBe('ada')
    expect(tracker).toHaveTracked('Shown')
    expect(tracker).toHaveTracked('SignIn', undefined, { times: 1 })
    await act(async () => root.unmount())
    expect(tracker).not.toHaveTracked('SignOut')
    await tracker.flush()
    expect(collector.requests()).toBe(0)
  })

  it('records nothing of a hidden <Activity>, and what it records by itself again when it is shown again', async () => {
    const { tracker, idle } = createTestTracker({ key: 'shop' })
    function Shown(): string {
      const track = react.useTrack()
      useEffect(() => track('Shown'), [track])
      return react.useSession()?.identityId ?? 'nobody'
    }
    const place = document.createElement('div')
    const root = createRoot(place)
    const render = (mode: 'visible' | 'hidden', identity: string): Promise<void> =>
      act(async () => {
        const activity = createElement(Activity, { mode, children: createElement(Shown) })
        root.render(createElement(react.SojournProvider, { options, identity }, activity))
        await idle()
      })
    await render('hidden', 'ada')
    expect(tracker).not.toHaveTracked('Shown')
    await render('visible', 'ada')
    expect(place.textContent).toBe('ada')
    expect(tracker).toHaveTracked('Shown', undefined, { times: 1 })
    await render('hidden', 'ada')
    await render('hidden', 'grace')
    expect(tracker).toHaveTracked('Shown', undefined, { times: 1 })
    await render('visible', 'grace')
    expect(place.textContent).toBe('grace')
    expect(tracker).toHaveTracked('Shown', undefined, { times: 2 })
    expect(tracker).toHaveTracked('SignIn', undefined, { times: 2 })
    await act(async () => root.unmount())
  })

  it('stops with a provider in a hidden <Activity>, also if a component ends with a verb, and goes on when it is shown', async () => {
    const { tracker, idle } = createTestTracker({ key: 'shop', debug: false })
    function Shown(): ReactNode {
      const track = react.useTrack()
      useEffect(() => {
        track('Shown')
        return () => track('Hidden')
      }, [track])
      return null
    }
    const root = createRoot(document.createElement('div'))
    const render = (mode: 'visible' | 'hidden'): Promise<void> =>
      act(async () => {
        const provider = createElement(react.SojournProvider, { options, identity: 'ada' }, createElement(Shown))
        root.render(createElement(Activity, { mode, children: provider }))
        await idle()
      })
    await render('visible')
    const { sessionID } = tracker.status()
    await render('hidden')
    // The end of a component runs after that of the provider around it, and what it records is kept.
    expect(tracker).toHaveTracked('Hidden', undefined, { times: 1 })
    tracker.track('WhileHidden')
    await render('visible')
    expect(tracker).toHaveTracked('Shown', undefined, { times: 2 })
    expect(tracker.status().sessionID).toBe(sessionID)
    await act(async () => root.unmount())
    expect(tracker).toHaveTracked('Hidden', undefined, { times: 2 })
    tracker.track('AfterTheEnd')
    expect(tracker).not.toHaveTracked('WhileHidden')
    expect(tracker).not.toHaveTracked('AfterTheEnd')
    expect(tracker).toHaveTracked('SignIn', undefined, { times: 1 })
  })

  it('is that of the plugin of Vue', async () => {
    const { tracker, idle } = createTestTracker({ key: 'shop' })
    const place = document.createElement('div')
    const app = createApp({
      setup() {
        vue.useIdentity(() => 'ada')
        const [track, open] = [vue.useTrack(), vue.useSession()]
        return () => h('button', { onClick: () => track('Add', { sku: 'A1' }) }, open.value?.identityId ?? 'nobody')
      },
    })
    app.use(vue.createSojourn(options)).mount(place)
    await idle()
    expect(place.textContent).toBe('ada')
    place.querySelector('button')?.click()
    expect(tracker).toHaveTracked('Add', { sku: 'A1' })
    app.unmount()
  })

  it('has signed out, and told Vue, when idle() is over after the identity became null', async () => {
    const { tracker, idle } = createTestTracker({ key: 'shop' })
    const place = document.createElement('div')
    const who = ref<string | null>('ada')
    const app = createApp({
      setup() {
        vue.useIdentity(who)
        const open = vue.useSession()
        return () => h('p', open.value?.identityId ?? 'nobody')
      },
    })
    app.use(vue.createSojourn(options)).mount(place)
    await idle()
    expect(place.textContent).toBe('ada')
    who.value = null
    await idle()
    expect([place.textContent, tracker.status().identityId]).toEqual(['nobody', null])
    app.unmount()
  })

  it('is what a store of Svelte observes', async () => {
    const { tracker, idle } = createTestTracker({ key: 'shop' })
    const open = session(tracker)
    const undo = open.subscribe(() => {})
    tracker.signIn('ada')
    await idle()
    expect(get(open)?.identityId).toBe('ada')
    undo()
  })
})
