import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { CDPSession, Page } from '@playwright/test'
import type { House } from './house.js'

declare global {
  interface Window {
    /** Ends a hold on the database. */
    letGo(): void
    /** How often a transaction was asked for. */
    transactions: number
  }
}

const database = 'sojourn-fault'

/** A page of the site's origin on which nothing runs. */
export async function openBare(house: House): Promise<Page> {
  const page = await house.context.newPage()
  await page.goto(`${house.site.url}/idb.js`)
  return page
}

async function talk(house: House): Promise<CDPSession> {
  return house.context.newCDPSession(await house.context.newPage())
}

/**
 * Grants the origin so many bytes on this device; gives the undo. To be asked before its first write: the browser trusts
 * what it has once seen of the quota for 30 s.
 */
export async function limitQuota(house: House, bytes: number): Promise<() => Promise<void>> {
  const session = await talk(house)
  const { url: origin } = house.site
  await session.send('Storage.overrideQuotaForOrigin', { origin, quotaSize: bytes })
  return async () => void (await session.send('Storage.overrideQuotaForOrigin', { origin }))
}

/** What a person does with "clear site data". */
export async function clearSiteData(house: House): Promise<void> {
  const session = await talk(house)
  await session.send('Storage.clearDataForOrigin', { origin: house.site.url, storageTypes: 'all' })
}

/** From the start no page of this profile may store anything: what "block all site data" writes into the profile. */
export async function blockSiteData(house: House): Promise<void> {
  await house.closeBrowser()
  const path = join(house.profile, 'Default/Preferences')
  const preferences = JSON.parse(readFileSync(path, 'utf8'))
  preferences.profile = { ...preferences.profile, default_content_setting_values: { cookies: 2 } }
  writeFileSync(path, JSON.stringify(preferences))
  await house.relaunch()
}

/** The files in which the browser keeps the origin's databases. To be touched only while it is closed. */
export function databaseFiles(house: House): string[] {
  const folder = join(house.profile, 'Default/IndexedDB')
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter(entry => entry.isFile())
    .map(entry => join(entry.parentPath, entry.name))
}

/** Makes the open of the tracker's database wait until `letGo`, as a browser does that hangs on it. */
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

/** Fills localStorage until not one character more goes in; gives how many are in it. */
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

/** Counts transactions from the next page load on. */
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
