import { forceCloseDatabase } from 'fake-indexeddb'
import { beforeEach, describe, expect, it, vi } from 'vitest'
import { createDatabase } from '../../src/store/database.js'
import { schemaVersion, stores } from '../../src/store/schema.js'
import {
  contentOf,
  type DatabaseTab,
  databaseNamed,
  databaseTab,
  emptyBrowser,
  openTab,
  writeEntries,
} from '../helpers/database.js'
import { waitFor } from '../helpers/wait.js'

beforeEach(() => void emptyBrowser())

const put = (tab: DatabaseTab, key: string, value = 'text'): Promise<void> =>
  tab.database.write(['parcels'], store => void store.put(value, key))
const get = (tab: DatabaseTab, key: string): Promise<unknown> => tab.database.read('parcels', store => store.get(key))

/** Opens a version of the schema that may be newer than ours, as another version of the library would. */
function openVersion(version: number, store: string): Promise<IDBDatabase> {
  return new Promise((resolve, reject) => {
    const opening = indexedDB.open(databaseNamed, version)
    opening.onupgradeneeded = () => {
      for (const one of [...stores, store])
        if (!opening.result.objectStoreNames.contains(one)) opening.result.createObjectStore(one)
    }
    opening.onsuccess = () => resolve(opening.result)
    opening.onerror = () => reject(opening.error)
  })
}

/** Notes each connection, so that a test can close one as the browser would. */
function watchConnections(): IDBDatabase[] {
  const connections: IDBDatabase[] = []
  const open = indexedDB.open.bind(indexedDB)
  indexedDB.open = (...args) => {
    const request = open(...args)
    request.addEventListener('success', () => connections.push(request.result))
    return request
  }
  return connections
}

describe('the database', () => {
  it('is not touched before it is opened', async () => {
    const { database, told } = databaseTab()
    expect(database.isOpen()).toBe(false)
    await new Promise(resolve => setTimeout(resolve))
    expect(await indexedDB.databases()).toEqual([])
    expect(told).toEqual([])
  })

  it('has every store once it is open', async () => {
    const tab = await openTab()
    expect(tab.database.isOpen()).toBe(true)
    expect(await indexedDB.databases()).toEqual([{ name: databaseNamed, version: schemaVersion }])
    for (const store of stores) expect(await contentOf(store)).toEqual(new Map())
  })

  it('opens once, however often it is opened', async () => {
    const tab = databaseTab()
    const connections = watchConnections()
    tab.database.open()
    tab.database.open()
    await tab.hasTold(1)
    tab.database.open()
    await get(tab, 'a')
    expect(connections).toHaveLength(1)
    expect(tab.told).toEqual(['open'])
  })

  it('is cleared as it opens if what is in it is stale, before its owner reads anything', async () => {
    const before = await openTab()
    for (const store of stores) await writeEntries(store, [['a', 1]])
    before.database.close()
    const found: unknown[] = []
    let isStale = true
    for (let times = 0; times < 2; times++)
      await new Promise<void>(function (resolve) {
        const database = createDatabase({
          name: databaseNamed,
          isWanted: () => true,
          isStale: () => isStale && !(isStale = false),
          onOpen() {
            const reads = stores.map(store => database.read(store, one => one.count()))
            void Promise.all(reads).then(async function (counts) {
              found.push(counts)
              await database.write(['parcels'], store => void store.put('text', 'b'))
              database.close()
              resolve()
            })
          },
          onFail() {},
          onLost() {},
        })
        database.open()
      })
    expect(found).toEqual([
      [0, 0, 0],
      [1, 0, 0],
    ])
  })

  it('opens a newer schema as it is: what this version needs is in it', async () => {
    const newer = await openVersion(schemaVersion + 5, 'future')
    newer.close()
    const tab = await openTab()
    await put(tab, 'a')
    expect(await get(tab, 'a')).toBe('text')
    expect(await indexedDB.databases()).toEqual([{ name: databaseNamed, version: schemaVersion + 5 }])
  })

  it('adds the stores that are missing where somebody else has made the database', async () => {
    for (const version of [schemaVersion, schemaVersion + 7]) {
      emptyBrowser()
      await new Promise<void>(resolve => {
        const opening = indexedDB.open(databaseNamed, version)
        opening.onsuccess = () => {
          opening.result.close()
          resolve()
        }
      })
      const tab = await openTab()
      await put(tab, 'a')
      for (const store of stores) expect((await contentOf(store)).size).toBe(store === 'parcels' ? 1 : 0)
      expect(tab.told).toEqual(['open'])
    }
  })

  it('lets a newer version upgrade, and opens again', async () => {
    const tab = await openTab()
    await put(tab, 'a')
    const newer = await openVersion(schemaVersion + 1, 'future')
    await tab.hasTold(2)
    expect(tab.told).toEqual(['open', 'open'])
    expect(await get(tab, 'a')).toBe('text')
    newer.close()
  })

  it('tells that it cannot be opened, and opens when asked again', async () => {
    const open = indexedDB.open.bind(indexedDB)
    const tab = databaseTab()
    indexedDB.open = () => {
      throw new DOMException('denied', 'SecurityError')
    }
    tab.database.open()
    await tab.hasTold(1)
    expect(tab.told).toEqual(['fail SecurityError'])
    expect(tab.database.isOpen()).toBe(false)
    indexedDB.open = open
    tab.database.open()
    await tab.hasTold(2)
    expect(tab.told.at(-1)).toBe('open')
  })

  it('tells that the browser took it away, and opens again', async () => {
    const connections = watchConnections()
    const tab = await openTab()
    forceCloseDatabase(connections[0] as never)
    await tab.hasTold(3)
    expect(tab.told).toEqual(['open', 'lost', 'open'])
  })

  it('tells that a script has deleted it, and opens again', async () => {
    const tab = await openTab()
    await put(tab, 'a')
    await new Promise<void>((resolve, reject) => {
      const deleting = indexedDB.deleteDatabase(databaseNamed)
      deleting.onsuccess = () => resolve()
      deleting.onerror = () => reject(deleting.error)
    })
    await tab.hasTold(3)
    expect(tab.told).toEqual(['open', 'lost', 'open'])
    expect(await get(tab, 'a')).toBeUndefined()
  })

  it('lets go of its connection while it is paused', async () => {
    const tab = await openTab()
    tab.database.pause()
    expect(tab.database.isOpen()).toBe(false)
    const newer = await openVersion(schemaVersion + 1, 'future')
    newer.close()
    tab.database.open()
    await tab.hasTold(2)
    expect(tab.database.isOpen()).toBe(true)
  })

  it('keeps no connection that comes after a pause or a close', async () => {
    for (const word of ['pause', 'close'] as const) {
      const tab = databaseTab()
      const connections = watchConnections()
      tab.database.open()
      tab.database[word]()
      await waitFor(() => expect(connections).toHaveLength(1))
      await new Promise(resolve => setTimeout(resolve))
      expect(tab.told).toEqual([])
      expect(() => connections[0]?.transaction('parcels')).toThrow('not allowed')
    }
  })

  it('opens after a pause although the connection from before it comes late', async () => {
    const tab = databaseTab()
    tab.database.open()
    tab.database.pause()
    tab.database.open()
    await tab.hasTold(1)
    await new Promise(resolve => setTimeout(resolve, 5))
    expect(tab.told).toEqual(['open'])
    expect(await get(tab, 'a')).toBeUndefined()
  })

  it('never opens again once it is closed', async () => {
    const tab = await openTab()
    tab.database.close()
    tab.database.open()
    await new Promise(resolve => setTimeout(resolve, 5))
    expect(tab.told).toEqual(['open'])
    expect(tab.database.isOpen()).toBe(false)
  })
})

describe('a transaction', () => {
  it('is rejected, not thrown, where the database is not open', async () => {
    for (const tab of [databaseTab(), await openTab()]) {
      tab.database.close()
      const run = vi.fn()
      await expect(tab.database.write(['parcels'], run)).rejects.toThrow('not open')
      await expect(tab.database.read('parcels', run)).rejects.toThrow('not open')
      await expect(tab.database.change(['a'], run)).rejects.toThrow('not open')
      expect(run).not.toHaveBeenCalled()
    }
  })

  it('is made and committed before the task ends', async () => {
    const tab = await openTab()
    let kept: IDBObjectStore | undefined
    const done = tab.database.write(['parcels'], store => {
      kept = store
      store.put('text', 'a')
    })
    expect(() => kept?.put('text', 'b')).toThrow()
    await done
    expect(await contentOf('parcels')).toEqual(new Map([['a', 'text']]))
  })

  it('is carried out although the connection closes in the same task', async () => {
    const tab = await openTab()
    const done = put(tab, 'a')
    tab.database.close()
    await done
    expect(await contentOf('parcels')).toEqual(new Map([['a', 'text']]))
  })

  it('changes nothing and rejects where one of its requests cannot be carried out', async () => {
    const tab = await openTab()
    await put(tab, 'a')
    const adding = tab.database.write(['parcels', 'settled'], (parcels, settled) => {
      settled?.put('text', 'b')
      parcels.add('other', 'a')
    })
    await expect(adding).rejects.toMatchObject({ name: 'ConstraintError' })
    expect(await contentOf('settled')).toEqual(new Map())
  })

  it('writes several stores at once', async () => {
    const tab = await openTab()
    await tab.database.write(['parcels', 'state'], (parcels, state) => {
      parcels.put(1, 'a')
      state?.put(2, 'b')
    })
    expect(await contentOf('parcels')).toEqual(new Map([['a', 1]]))
    expect(await contentOf('state')).toEqual(new Map([['b', 2]]))
  })

  it('gives what it reads as soon as the request is done, not only when the transaction is', async () => {
    const tab = await openTab()
    const order: string[] = []
    await new Promise<void>(resolve => {
      const reading = tab.database.read('parcels', store => {
        store.transaction.addEventListener('complete', () => {
          order.push('complete')
          resolve()
        })
        return store.count()
      })
      void reading.then(() => order.push('read'))
    })
    expect(order).toEqual(['read', 'complete'])
  })

  it('rejects where what is asked for cannot be read', async () => {
    const tab = await openTab()
    await expect(tab.database.read('parcels', store => store.get({} as never))).rejects.toMatchObject({
      name: 'DataError',
    })
  })

  it('shows a change the values as they are at that moment', async () => {
    const tab = await openTab()
    await writeEntries('state', [['active', 7]])
    const seen: unknown[] = []
    const change = (to: number): Promise<void> =>
      tab.database.change(['a', 'active'], ([value, active], store) => {
        seen.push([value, active])
        store.put(to, 'a')
      })
    await Promise.all([change(1), change(2)])
    expect(seen).toEqual([
      [undefined, 7],
      [1, 7],
    ])
    expect((await contentOf('state')).get('a')).toBe(2)
  })
})

describe('a purge', () => {
  it('deletes the database, and nothing opens it again', async () => {
    const tab = await openTab()
    await put(tab, 'a')
    await tab.database.purge(false)
    expect(await indexedDB.databases()).toEqual([])
    tab.database.open()
    await new Promise(resolve => setTimeout(resolve, 5))
    expect(tab.database.isOpen()).toBe(false)
    expect(await indexedDB.databases()).toEqual([])
  })

  it('clears everything in its task, so that a page that opens the database later finds nothing', async () => {
    const tab = await openTab()
    for (const store of stores) await writeEntries(store, [['a', 1]])
    const purged = tab.database.purge(false)
    const next = await openTab()
    for (const store of stores) expect(await next.database.read(store, one => one.count())).toBe(0)
    await purged
  })

  it('does not wait for another tab for ever', async () => {
    const [here, there] = [await openTab(), await openTab()]
    await put(there, 'a')
    await here.database.purge(false)
    await there.hasTold(3)
    expect(there.told).toEqual(['open', 'lost', 'open'])
    expect(await get(there, 'a')).toBeUndefined()
  })

  it('that keeps the database deletes all that is in it, and no other tab has to let go of it', async () => {
    const [here, there] = [await openTab(), await openTab()]
    for (const store of stores) await writeEntries(store, [['a', 1]])
    await here.database.purge(true)
    for (const store of stores) expect(await there.database.read(store, one => one.count())).toBe(0)
    expect([there.told, here.database.isOpen()]).toEqual([['open'], false])
  })

  it('that keeps the database deletes it where it is not open', async () => {
    const before = await openTab()
    await put(before, 'a')
    before.database.close()
    await databaseTab().database.purge(true)
    expect(await indexedDB.databases()).toEqual([])
  })

  it('may come before the database is open', async () => {
    const tab = databaseTab()
    tab.database.open()
    await tab.database.purge(false)
    expect(await indexedDB.databases()).toEqual([])
    expect(tab.told).toEqual([])
  })
})
