import { describe, expect, it } from 'vitest'
import { type AskedTag, tellTag } from '../../src/commands/site-tag.js'
import { composeScript, toIntegrity, toRelease, toText } from '../../src/scripts/pieces.js'
import { type AdminState, nothingDecided } from '../../src/sites/admin.js'
import { addKey, addSite } from '../../src/sites/changes.js'
import { createMemoryScripts } from '../../src/store/scripts.js'

const pieces = { core: 'start(sojournPlugins)', plugins: { clicks: '(1)', vitals: '(2)' } }
const state = addKey(addSite(nothingDecided, 'shop', 'first', 1), 'shop', 'second', 1000, 2)

async function tagOf(asked: Partial<AskedTag>, decided: AdminState = state, made: typeof pieces | null = pieces) {
  const store = createMemoryScripts()
  const all = { name: 'shop', url: 'https://stats.example', plugins: [], isPinned: false, now: 3, ...asked }
  return { lines: await tellTag(all, decided, store, made), store }
}

describe('site tag', () => {
  it('prints the plain tag, for the key that works longest', async () => {
    expect((await tagOf({})).lines).toEqual([
      '<script async src="https://stats.example/sojourn.js" data-key="second"></script>',
    ])
  })

  it('prints a tag with plugins, and with the hash of its script, which it keeps for later versions', async () => {
    const plain = await tagOf({ plugins: ['clicks', 'vitals'] })
    expect(plain.lines).toEqual([
      '<script async src="https://stats.example/sojourn.clicks.vitals.js" data-key="second" data-plugins="clicks,vitals"></script>',
    ])
    expect(await plain.store.releases()).toEqual([])
    const pinned = await tagOf({ plugins: ['clicks'], isPinned: true })
    expect(pinned.lines).toEqual([
      `<script async src="https://stats.example/sojourn-${toRelease(pieces)}.clicks.js" integrity="${toIntegrity(composeScript(pieces, ['clicks']))}" crossorigin="anonymous" data-key="second" data-plugins="clicks"></script>`,
    ])
    expect(await pinned.store.find(toRelease(pieces))).toBe(toText(pieces))
  })

  it.each([
    [{ name: 'blog' }, state, pieces, 'no key of such a site works'],
    [{ now: 2000, name: 'gone' }, state, pieces, 'no key of such a site works'],
    [{ plugins: ['clickz'] }, state, pieces, '--plugins clickz: there is no such plugin; there are clicks, vitals'],
    [{ plugins: ['constructor'] }, state, pieces, 'there is no such plugin'],
    [{}, state, null, 'were not built'],
  ])('says what is wrong: %o', async (asked, decided, made, message) => {
    await expect(tagOf(asked, decided, made)).rejects.toThrow(message)
  })
})
