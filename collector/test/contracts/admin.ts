import { describe, expect, it } from 'vitest'
import { type AdminState, type AdminStore, nothingDecided } from '../../src/sites/admin.js'
import { noon } from '../helpers/collector.js'

const quota = { requestsPerMinute: 60, bytesPerMinute: 1_000_000, recordsPerMinute: null }

const shop: AdminState = {
  sites: [
    { name: 'blog', createdAt: noon, endsAt: null, keepMs: null, quota: null },
    { name: 'shop', createdAt: noon, endsAt: noon + 1, keepMs: 86_400_000, quota },
  ],
  keys: [
    { key: 'key-1', site: 'shop', createdAt: noon, endsAt: null },
    { key: 'key-2', site: 'shop', createdAt: noon, endsAt: noon + 5 },
  ],
  origins: [
    { site: 'shop', origin: 'https://m.shop.example' },
    { site: 'shop', origin: 'https://shop.example' },
  ],
  secrets: [{ site: 'shop', secret: `it's "secret" ? $1`, createdAt: noon }],
  tokens: [
    { name: 'all', digest: 'd1', sites: null, rights: ['read'], createdAt: noon, endsAt: null },
    { name: 'two', digest: 'd2', sites: ['blog', 'shop'], rights: ['read', 'erase'], createdAt: noon, endsAt: noon },
  ],
}

const site = (name: string, keepMs: number) => ({ name, createdAt: noon, endsAt: null, keepMs, quota: null })

/** Rows have no order in a database. */
function sorted(state: AdminState): Record<keyof AdminState, string[]> {
  const parts = Object.keys(nothingDecided).map(name => [name, state[name as keyof AdminState]] as const)
  return Object.fromEntries(parts.map(([name, rows]) => [name, rows.map(row => JSON.stringify(row)).sort()])) as never
}

/**
 * The contract of `AdminStore`. Every implementation runs these tests.
 *
 * @param open opens two stores over one empty database.
 */
export function adminContract(name: string, open: () => Promise<readonly [AdminStore, AdminStore]>): void {
  describe(`what an administrator decides, kept in ${name}`, () => {
    it('is nothing at first', async () => {
      const [admin] = await open()
      const { version, ...state } = await admin.read()
      expect(sorted(state)).toEqual(sorted(nothingDecided))
      expect(await admin.version()).toBe(version)
    })

    it('is read as it was written, by every process', async () => {
      const [admin, other] = await open()
      expect(await admin.change(() => shop)).toEqual(shop)
      for (const one of [admin, other]) expect(sorted(await one.read())).toEqual(sorted(shop))
    })

    it('can be changed, added and removed row by row', async () => {
      const [admin, other] = await open()
      await admin.change(() => shop)
      const [, second] = shop.keys
      const changed: AdminState = {
        ...shop,
        keys: [{ key: 'key-1', site: 'shop', createdAt: noon, endsAt: noon + 9 }, ...(second ? [second] : [])],
        origins: shop.origins.slice(1),
        tokens: [],
        sites: [...shop.sites, { name: 'wiki', createdAt: noon, endsAt: null, keepMs: 1, quota }],
      }
      await other.change(() => changed)
      expect(sorted(await admin.read())).toEqual(sorted(changed))
    })

    it('has a version that grows with each change, for every process', async () => {
      const [admin, other] = await open()
      const versions = [await other.version()]
      for (const state of [shop, nothingDecided, shop]) {
        await admin.change(() => state)
        versions.push(await other.version())
        expect((await other.read()).version).toBe(versions.at(-1))
      }
      expect(versions).toEqual([...new Set(versions)].sort((a, b) => a - b))
    })

    it('loses no change, although several processes change it at the same time', async () => {
      const [admin, other] = await open()
      await admin.change(() => ({ ...nothingDecided, sites: [site('shop', 0)] }))
      const more = (store: AdminStore) =>
        store.change(state => ({ ...state, sites: state.sites.map(one => site('shop', Number(one.keepMs) + 1)) }))
      await Promise.all(Array.from({ length: 12 }, (_, n) => more(n % 2 ? admin : other)))
      expect((await admin.read()).sites).toEqual([site('shop', 12)])
    })

    it('stays as it is if the decision throws, or cannot be stored', async () => {
      const [admin] = await open()
      await admin.change(() => shop)
      const { version } = await admin.read()
      await expect(
        admin.change(() => {
          throw new Error('no')
        }),
      ).rejects.toThrow('no')
      const twice = {
        ...shop,
        sites: [],
        keys: [...shop.keys, { key: 'key-1', site: 'x', createdAt: 1, endsAt: null }],
      }
      await expect(admin.change(() => twice)).rejects.toThrow()
      expect(sorted(await admin.read())).toEqual(sorted(shop))
      expect(await admin.version()).toBe(version)
    })
  })
}
