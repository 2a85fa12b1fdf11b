// @vitest-environment jsdom
import { Activity, act, createElement, type ReactNode, StrictMode, useEffect } from 'react'
import { createRoot } from 'react-dom/client'
import { get } from 'svelte/store'
import { afterEach, beforeAll, describe, expect, it, vi } from 'vitest'
import { createApp, h } from 'vue'
import * as react from '../../src/react.js'
import { session } from '../../src/svelte.js'
import { createTestTracker, stopTestTrackers } from '../../src/testing/index.js'
import '../../src/testing/vitest.js'
import * as vue from '../../src/vue.js'

const options = { collector: 'https://collector.example', key: 'shop' }

beforeAll(() => void vi.stubGlobal('IS_REACT_ACT_ENVIRONMENT', true))
afterEach(stopTestTrackers)

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
