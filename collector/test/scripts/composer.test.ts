import { describe, expect, it } from 'vitest'
import { maxComposed } from '../../src/limits.js'
import { type Composed, createComposer } from '../../src/scripts/composer.js'
import { type Pieces, parsePieces, toIntegrity, toRelease, toText } from '../../src/scripts/pieces.js'
import { createMemoryScripts, type ScriptStore } from '../../src/store/scripts.js'

const names = Array.from({ length: 26 }, (_, n) => String.fromCharCode(97 + n).repeat(3))
const plain: Pieces = {
  core: 'got.push(sojournPlugins)',
  plugins: { clicks: "('$&')", vitals: '(`$1`)', ...Object.fromEntries(names.map(name => [name, `('${name}')`])) },
}
const newer: Pieces = { ...plain, core: 'got.push(sojournPlugins);1' }

function composerWith(pieces = plain, store: ScriptStore = createMemoryScripts()) {
  const clock = { now: 0 }
  const errors: unknown[] = []
  const composer = createComposer({ pieces, store, now: () => clock.now, onError: cause => errors.push(cause) })
  const script = (plugins: string[], release: string | null = null) =>
    composer.compose({ kind: 'script', release, plugins })
  return { composer, script, store, clock, errors }
}

/** Runs a script. @returns the plugins that its core got. */
function run(text: string): Record<string, unknown> {
  const got: Record<string, unknown>[] = []
  // oxlint-disable-next-line no-implied-eval
  new Function('got', text)(got)
  return got[0] as Record<string, unknown>
}

describe('a composer', () => {
  it('puts the plugins that are named into the script, whatever signs are in them, and nothing that objects inherit', async () => {
    const { script } = composerWith()
    const { text } = (await script(['clicks', 'vitals'])) as Composed
    const got = run(text)
    expect({ ...got }).toEqual({ clicks: '$&', vitals: '$1' })
    expect(got.constructor).toBeUndefined()
    expect({ ...run(((await script([])) as Composed).text) }).toEqual({})
  })

  it('makes a module of plugins alone', async () => {
    const { composer } = composerWith()
    const { text } = (await composer.compose({ kind: 'module', release: null, plugins: ['clicks'] })) as Composed
    const module = (await import(`data:text/javascript,${encodeURIComponent(text)}`)) as { default: object }
    expect({ ...module.default }).toEqual({ clicks: '$&' })
  })

  it('knows no plugin that it does not have, and nothing that every object has', async () => {
    const { script } = composerWith()
    for (const name of ['nothing', 'constructor', '__proto__', 'toString'])
      expect([name, await script([name])]).toEqual([name, 'unknown-plugin'])
  })

  it('gives a tag the hash of the very bytes that its address gives', async () => {
    const { composer, script } = composerWith()
    const { file, integrity } = await composer.print(['vitals', 'clicks'], true)
    expect(file).toBe(`sojourn-${toRelease(plain)}.clicks.vitals.js`)
    const { text, isPinned } = (await script(['clicks', 'vitals'], toRelease(plain))) as Composed
    expect([integrity, isPinned]).toEqual([toIntegrity(text), true])
    expect(await composer.print(['clicks'], false)).toEqual({ file: 'sojourn.clicks.js', integrity: null })
    expect(await composer.print([], false)).toEqual({ file: 'sojourn.js', integrity: null })
  })

  it.each([
    ['printed', (one: ReturnType<typeof composerWith>) => one.composer.print(['clicks'], true)],
    ['served', (one: ReturnType<typeof composerWith>) => one.script(['vitals'], toRelease(plain))],
  ])('serves what it has %s from every later version, byte for byte, and with other plugins', async (_how, use) => {
    const before = composerWith()
    await use(before)
    const after = composerWith(newer, before.store)
    for (const plugins of [['clicks'], ['clicks', 'vitals'], []]) {
      const [old, same] = [
        await before.script(plugins, toRelease(plain)),
        await after.script(plugins, toRelease(plain)),
      ]
      expect((same as Composed).text).toBe((old as Composed).text)
    }
    expect(await after.script(['nothing'], toRelease(plain))).toBe('unknown-plugin')
    // And the later version from the earlier one, when somebody goes back.
    await after.composer.print([], true)
    before.clock.now += 2000
    expect(await before.script([], toRelease(newer))).toMatchObject({ isPinned: true })
  })

  it('asks the store at most once in a second for a release that nobody knows', async () => {
    const store = createMemoryScripts()
    let looks = 0
    const { script, clock } = composerWith(plain, {
      ...store,
      releases: () => {
        looks++
        return store.releases()
      },
    })
    for (let n = 0; n < 100; n++) expect(await script([], n.toString(16).padStart(12, '0'))).toBe('unknown-release')
    expect(looks).toBe(1)
    await store.keep('f'.repeat(12), toText(newer))
    clock.now += 1000
    expect(await script([], 'f'.repeat(12))).toMatchObject({ isPinned: true })
    expect(looks).toBe(2)
  })

  it('remembers a bounded number of scripts, and not the one that was asked for longest ago', async () => {
    const { script } = composerWith()
    const first = await script(['clicks'])
    for (let n = 0; n < maxComposed - 1; n++) await script([names[n % 26] as string, names[(n / 26) | 0] as string])
    expect(await script(['clicks'])).toBe(first)
    for (let n = 0; n < maxComposed; n++)
      await script([names[n % 26] as string, 'vitals', names[(n / 26) | 0] as string])
    expect(await script(['clicks'])).not.toBe(first)
    expect(await script(['clicks'])).toEqual(first)
  })

  it('serves its own release while the store fails, reports that once for a request, and keeps it when it can', async () => {
    const store = createMemoryScripts()
    let isBroken = true
    const keep: ScriptStore['keep'] = (...one) => (isBroken ? Promise.reject(new Error('full')) : store.keep(...one))
    const { script, composer, errors } = composerWith(plain, { ...store, keep })
    expect(await script([], toRelease(plain))).toMatchObject({ isPinned: true })
    await expect.poll(() => errors.length).toBe(1)
    await expect(composer.print([], true)).rejects.toThrow('full')
    isBroken = false
    await script([], toRelease(plain))
    await expect.poll(() => store.releases()).toEqual([toRelease(plain)])
  })
})

describe('pieces', () => {
  it('have another release if any of them differs, and are the same after they were written', () => {
    const other = { ...plain, plugins: { ...plain.plugins, vitals: '(`$2`)' } }
    expect(new Set([plain, newer, other].map(toRelease)).size).toBe(3)
    expect(parsePieces(toText(plain))).toEqual(plain)
    expect(toRelease(parsePieces(toText(plain)))).toBe(toRelease(plain))
  })
})
