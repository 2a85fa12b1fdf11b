import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { CDPSession, Page } from '@playwright/test'
import type { House } from './house.js'

declare global {
  interface Window {
    /** Ends what `holdOpen` or `holdStores` began. */
    letGo(): void
    /** The number of transactions so far. */
    transactions: number
  }
}

const database = 'sojourn-fault'

/** Opens a page of the site's origin that runs no script. */
export async function openBare(house: House): Promise<Page> {
  const page = await house.context.newPage()
  await page.goto(`${house.site.url}/idb.js`)
  return page
}

async function talk(house: House): Promise<CDPSession> {
  return house.context.newCDPSession(await house.context.newPage())
}

/**
 * Limits the storage of the origin to this many bytes. Call it before the first write of the origin, because the
 * browser remembers the old quota for 30 s.
 *
 * @returns the undo.
 */
export async function limitQuota(house: House, bytes: number): Promise<() => Promise<void>> {
  const session = await talk(house)
  const { url: origin } = house.site
  await session.send('Storage.overrideQuotaForOrigin', { origin, quotaSize: bytes })
  return async () => void (await session.send('Storage.overrideQuotaForOrigin', { origin }))
}

/** Clears the site's data, as a person does with "clear site data". */
export async function clearSiteData(house: House): Promise<void> {
  const session = await talk(house)
  await session.send('Storage.clearDataForOrigin', { origin: house.site.url, storageTypes: 'all' })
}

/** Restarts the browser with "block all site data" in its profile, so that no page may store anything. */
export async function blockSiteData(house: House): Promise<void> {
  await house.closeBrowser()
  const path = join(house.profile, 'Default/Preferences')
  const preferences = JSON.parse(readFileSync(path, 'utf8'))
  preferences.profile = { ...preferences.profile, default_content_setting_values: { cookies: 2 } }
  writeFileSync(path, JSON.stringify(preferences))
  await house.relaunch()
}

/** The files of the IndexedDB databases in the profile. Change them only while the browser is closed. */
export function databaseFiles(house: House): string[] {
  const folder = join(house.profile, 'Default/IndexedDB')
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter(entry => entry.isFile())
    .map(entry => join(entry.parentPath, entry.name))
}

/** Makes the tracker's database open only after `letGo`, as in a browser that hangs while it opens it. */
export function holdOpen(page: Page): Promise<void> {
  return page.evaluate(
    name =>
      new Promise<void>(resolve => {
        const opening = indexedDB.open(name, 1)
        opening.onerror = event => event.preventDefault()
        opening.onupgradeneeded = () => {
          const tx = opening.transaction as IDBTransaction
          const store = opening.result.createObjectStore('held')
          let isHeld = true
          const again = (): void => {
            if (isHeld) store.get(0).onsuccess = again
          }
          again()
          window.letGo = () => {
            isHeld = false
            tx.abort()
          }
          resolve()
        }
      }),
    database,
  )
}

/** Holds a transaction on all of the tracker's stores until `letGo`. */
export function holdStores(page: Page): Promise<void> {
  return page.evaluate(
    name =>
      new Promise<void>(resolve => {
        const opening = indexedDB.open(name)
        opening.onsuccess = () => {
          const names = [...opening.result.objectStoreNames]
          const store = opening.result.transaction(names, 'readwrite').objectStore(names[0] as string)
          let isHeld = true
          const again = (): void => {
            if (isHeld) store.get('none').onsuccess = again
          }
          store.get('none').onsuccess = () => {
            again()
            resolve()
          }
          window.letGo = () => {
            isHeld = false
            opening.result.close()
          }
        }
      }),
    database,
  )
}

/** Fills localStorage until no character more fits. @returns how many characters were written. */
export function fillLocalStorage(page: Page): Promise<number> {
  return page.evaluate(() => {
    let text = ''
    for (let chars = 4 * 1024 * 1024; chars >= 1; ) {
      try {
        localStorage.setItem('filler', text + 'x'.repeat(chars))
        text += 'x'.repeat(chars)
      } catch {
        chars = chars >> 1
      }
    }
    return text.length
  })
}

/** Counts the transactions of every new page. */
export async function countTransactions(house: House): Promise<void> {
  await house.context.addInitScript(() => {
    window.transactions = 0
    const real = IDBDatabase.prototype.transaction
    IDBDatabase.prototype.transaction = function (...args: Parameters<typeof real>) {
      window.transactions++
      return real.apply(this, args)
    }
  })
}
