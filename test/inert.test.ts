import { spawnSync } from 'node:child_process'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import type { Tracker } from '../src/api.js'
import { TrackerError } from '../src/errors.js'
import { createTracker } from '../src/tracker.js'
import { browserWith } from './helpers/browser.js'

const build = fileURLToPath(new URL('../dist/esm/index.js', import.meta.url))
type Plugin = (tracker: Tracker) => () => void
const options = { collector: 'https://collector.example', key: 'my-key' }
const namesOf = (value: object): string[] => Object.keys(value).sort()

/** A tracker in a page, to compare with. */
function inPage(): Tracker {
  const tracker = browserWith().open()
  tracker.stop()
  return tracker
}

afterEach(() => void vi.unstubAllGlobals())

/** The name of each file of plugins that is one. */
const plugins = readdirSync(fileURLToPath(new URL('../src/plugins', import.meta.url)))
  .map(file => file.replace('.ts', ''))
  .filter(name => name !== 'plugin')

describe('a plugin where there is no page', () => {
  it.each(plugins)('%s does nothing, and has an undo', async name => {
    const exported = (await import(`../src/plugins/${name}.ts`)) as Record<string, Plugin>
    const track = vi.fn()
    const tracker = { ...inPage(), track }
    leavePage()
    ;(exported[name] as Plugin)(tracker)()
    expect(track).not.toHaveBeenCalled()
  })

  it('is tried with every plugin', () => expect(plugins).toHaveLength(11))
})

/** A server: neither a document nor IndexedDB. */
function leavePage(): void {
  vi.unstubAllGlobals()
  vi.stubGlobal('indexedDB', undefined)
}

describe('a tracker where nothing can be kept', () => {
  beforeEach(leavePage)

  it('has every verb and every question that one in a page has, and a status of the same shape', () => {
    const page = inPage()
    const names = [namesOf(page), namesOf(page.status())]
    leavePage()
    const tracker = createTracker(options)
    expect([namesOf(tracker), namesOf(tracker.status())]).toEqual(names)
  })

  it('takes every verb, and does nothing', async () => {
    const requests = vi.fn()
    vi.stubGlobal('fetch', requests)
    const tracker = createTracker({ ...options, consent: 'pending' })
    const heard = vi.fn()
    const undos = [tracker.onError(heard), tracker.observe('session', heard), tracker.observe('status', heard)]
    tracker.signIn('anna', { name: 'Anna' })
    tracker.page({ title: 'Shop' })
    tracker.track('')
    tracker.userInfo({ plan: 'free' })
    tracker.consent('granted')
    tracker.signOut()
    for (const undo of undos) undo()
    expect(await tracker.flush()).toEqual({ stored: 0, owed: 0 })
    tracker.stop()
    tracker.track('Search')
    expect(tracker.status()).toMatchObject({ consent: 'pending', made: 0, store: 'none', errors: {}, dropped: {} })
    expect([heard.mock.calls, requests.mock.calls]).toEqual([[], []])
  })

  it('answers every question with nothing', async () => {
    const tracker = createTracker(options)
    const answers = [
      await tracker.session(),
      await tracker.events('a'),
      await tracker.pages('a'),
      await tracker.sessions('a'),
      await tracker.visits('a'),
      await tracker.records(),
    ]
    expect(answers).toEqual([undefined, [], [], [], [], []])
  })

  it('throws on wrong options as in a page, and takes a collector that is relative to the page to come', () => {
    expect(() => createTracker({ ...options, key: 'a key' })).toThrow(TrackerError)
    expect(() => createTracker({ ...options, collector: 'collector' })).toThrow('option-collector')
    expect(createTracker({ ...options, collector: '/stats' }).status().made).toBe(0)
  })

  it.runIf(existsSync(build))('lets Node end, and writes nothing', () => {
    const text = `
      const { createTracker } = await import(${JSON.stringify(`file://${build}`)})
      const tracker = createTracker({ collector: '/stats', key: 'a', unknown: 1 })
      tracker.signOut()
      tracker.track('')
      process.stdout.write(JSON.stringify(await tracker.flush()))`
    const { status, stdout, stderr } = spawnSync(process.execPath, ['--input-type=module', '-e', text], {
      encoding: 'utf8',
      timeout: 120_000,
    })
    expect({ status, stdout, stderr }).toEqual({ status: 0, stdout: '{"stored":0,"owed":0}', stderr: '' })
  })
})

describe('the React binding', () => {
  it.runIf(existsSync(build)).each(['esm/react.js', 'cjs/react.cjs'])(
    'says that it is for clients, so that server components may import it (%s)',
    path => {
      const text = readFileSync(new URL(`../dist/${path}`, import.meta.url), 'utf8')
      expect(text).toMatch(/^'use client';/)
    },
  )
})

describe('a page that is imitated in Node', () => {
  it('lets Node end although its tracker was not stopped', () => {
    const tracker = browserWith().open({ flushEveryMs: 60_000 })
    tracker.signIn('anna')
    // The timers of this process that would keep it alive.
    const alive = process.getActiveResourcesInfo().filter(one => one === 'Timeout').length
    tracker.stop()
    expect(process.getActiveResourcesInfo().filter(one => one === 'Timeout').length).toBe(alive)
  })

  it.runIf(existsSync(build))('lets Node end with its timers, its channel and its requests', () => {
    const text = `
      const window = new EventTarget()
      const values = {
        window, self: globalThis, location: { href: 'http://localhost/', origin: 'http://localhost' },
        document: Object.assign(new EventTarget(), { visibilityState: 'visible', title: '', referrer: '', baseURI: 'http://localhost/' }),
        addEventListener: window.addEventListener.bind(window),
      }
      for (const name of Object.keys(values)) Object.defineProperty(globalThis, name, { value: values[name], configurable: true })
      const { createTracker } = await import(${JSON.stringify(`file://${build}`)})
      const tracker = createTracker({ collector: 'http://127.0.0.1:1', key: 'a', automatic: false })
      tracker.signIn('anna')
      await tracker.flush()
      process.stdout.write(String(tracker.status().owed))`
    const { status, stdout } = spawnSync(process.execPath, ['--input-type=module', '-e', text], {
      encoding: 'utf8',
      timeout: 120_000,
    })
    expect({ status, stdout }).toEqual({ status: 0, stdout: '2' })
  })
})
