/** Types of bindings and of the test kit: lines that must compile, and lines that must not. Held by `tsc -p tsconfig.test.json`. */

import { expect as expectPage } from '@playwright/test'
import { createElement } from 'react'
import { writable } from 'svelte/store'
import { expect } from 'vitest'
import { computed, readonly, ref, shallowRef } from 'vue'
import { createTracker, type SignInInfo, type Tracker } from '../src/index.js'
import * as react from '../src/react.js'
import * as svelte from '../src/svelte.js'
import { createTestTracker } from '../src/testing/index.js'
import { expect as expectOfKit } from '../src/testing/playwright.js'
import '../src/testing/vitest.js'
import * as vue from '../src/vue.js'

interface Events {
  AddToCart: { sku: string; at?: Date | undefined }
  Logout: undefined
}
interface User {
  id: number
  name?: string
  roles: readonly string[]
}
declare const user: User | undefined
declare const info: SignInInfo | undefined
const options = { collector: 'https://collector.example', key: 'my-key' }

// React: the verbs are typed wherever they come from.
const track = react.useTrack<Events>()
track('AddToCart', { sku: 'A1', at: undefined })
track('Logout')
// @ts-expect-error a sku is a text
track('AddToCart', { sku: 5 })
// @ts-expect-error no such event
react.useTracker<Events>().track('AddToCard', { sku: 'A1' })
react.useTracker<Events>().page(user)
function report<Name extends keyof Events>(name: Name, data: Events[Name]): void {
  track(name, data)
  react.useTracker<Events>().track(name, data)
  vue.useTrack<Events>()(name, data)
  createTestTracker<Events>().tracker.track(name, data)
  // @ts-expect-error some event needs data
  track(name)
}
report('AddToCart', { sku: 'A1' })
// @ts-expect-error a sku is a text
report('AddToCart', { sku: 5 })
const onClick: () => void = () => track('Logout')
createElement('button', { onClick })
react.SojournProvider({ options, identity: user && user.id, info: user })
react.SojournProvider({ options, identity: user ? user.id : null, info, children: undefined })
react.SojournProvider({ options, identity: undefined, info: undefined })
react.SojournProvider({ options, identity: 42n })
// @ts-expect-error a person is no id
react.SojournProvider({ options, identity: user })
// @ts-expect-error options are needed
react.SojournProvider({ identity: 'ada' })
const owed: number | undefined = react.useObserved('status')?.owed
const events: readonly { eventName: string }[] | undefined = react.useObserved({ events: 'a-session' })
// @ts-expect-error it is not known yet, at first
const known: string = react.useSession().identityId
// @ts-expect-error no such question
react.useObserved('owed')
void [owed, events, known]

// Vue: any reactive value says who is signed in.
const vueTrack = vue.useTrack<Events>()
vueTrack('AddToCart', { sku: 'A1' })
// @ts-expect-error data is needed
vueTrack('AddToCart')
vue.useIdentity(ref<string | null>(null))
vue.useIdentity(ref('ada'), () => user)
vue.useIdentity(shallowRef<number>())
vue.useIdentity(
  computed(() => user && user.id),
  () => info,
)
vue.useIdentity(readonly(ref('ada')))
vue.useIdentity(() => user?.id ?? null)
// @ts-expect-error a text does not change
vue.useIdentity('ada')
// @ts-expect-error a person is no id
vue.useIdentity(ref({ id: 5 }))
const openSession: string | undefined = vue.useSession().value?.identityId
// @ts-expect-error an answer is not written
vue.useSession().value = undefined
void openSession

// Svelte: a typed tracker is a tracker.
const typed = createTracker<Events>(options)
svelte.observed(typed, 'status').subscribe(status => status?.owed)
svelte.session(typed).subscribe(session => session?.identityId)
svelte.followIdentity(typed, writable<string | null>(null))
svelte.followIdentity(typed, writable(42n), () => user)
// @ts-expect-error a person is no id
svelte.followIdentity(typed, writable({ id: 5 }))

// The test kit: its tracker is typed, and matchers take data as events have it.
const { tracker } = createTestTracker<Events>({ automatic: undefined })
tracker.track('AddToCart', { sku: 'A1' })
// @ts-expect-error no such event
tracker.track('Ad')
const plain: Tracker = tracker
void plain
expect(tracker).toHaveTracked('AddToCart', { sku: 'A1' })
expect(tracker).toHaveTracked('AddToCart', user, { times: undefined })
expect(tracker).toHaveTracked('AddToCart', { sku: expect.any(String), rows: user?.roles, at: new Date() })
expect(tracker).not.toHaveTracked('Logout', undefined, { times: 2 })
expect(tracker).toHaveSession({ identityId: 'ada', endDate: undefined })
expect(tracker).toHavePage({ title: expect.stringContaining('Cart') })
// @ts-expect-error times are a number
expect(tracker).toHaveTracked('AddToCart', {}, { times: '2' })
// @ts-expect-error a name is a text
expect(tracker).toHaveTracked({ sku: 'A1' })
// @ts-expect-error data is an object
expect(tracker).toHaveTracked('AddToCart', 'A1')
// @ts-expect-error a session has no such member
expect(tracker).toHaveSession({ identity: 'ada' })
void expectOfKit({}).toHaveTracked('AddToCart', user, { times: undefined })
// @ts-expect-error data is an object
void expectOfKit({}).toHaveTracked('AddToCart', 'A1')
// @ts-expect-error only the `expect` of the kit has it
void expectPage({}).toHaveTracked('AddToCart')
