// @vitest-environment jsdom
import { act, createElement, StrictMode, useEffect } from 'react'
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
