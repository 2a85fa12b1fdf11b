import { storeTimeoutMs } from '../record/limits.js'
import { type Change, type Connection, type ConnectionParts, type KeyValueStore, lastKey } from './key-value-store.js'
import { stores } from './schema.js'

/** What is needed beside an own store. */
export interface OwnStoreParts extends ConnectionParts {
  /** Runs something after so many ms, unless `cancel` stops it. */
  readonly later: (run: () => void, ms: number) => ReturnType<typeof setTimeout>
  readonly cancel: (timer: ReturnType<typeof setTimeout> | undefined) => void
}

/**
 * Makes a connection of a store that the page has brought, which may throw, never answer, or answer anything. What it does
 * wrong becomes a rejection, as with a database that fails.
 */
export function createOwn(own: KeyValueStore, { isStale, onOpen, onFail, later, cancel }: OwnStoreParts): Connection {
  let isOpen = false
  let isClosed = false
  let opening: object | null = null
  // Whether what is in it is still to be deleted: it is not open before that is done.
  let isStaleYet = false

  /** Calls the store in this task. @throws if it is not open, or has not answered in time. */
  async function ask<T>(run: () => Promise<T>, isForced?: true): Promise<T> {
    if (!isOpen && !isForced) throw new Error('the store is not open')
    let timer: ReturnType<typeof setTimeout> | undefined
    const late = new Promise<never>((_resolve, reject) => {
      timer = later(() => reject(new Error('the store does not answer')), storeTimeoutMs)
    })
    try {
      return await Promise.race([run(), late])
    } finally {
      cancel(timer)
    }
  }

  /** @throws TypeError if the answer is no list. */
  function toList(answer: unknown): unknown[] {
    if (!Array.isArray(answer)) throw new TypeError('no list')
    return answer
  }

  const values: KeyValueStore = {
    async keys(space, after, limit) {
      const found = toList(await ask(async () => own.keys(space, after, limit)))
      return (found as string[])
        .filter(key => typeof key === 'string' && (after === undefined || key > after))
        .sort()
        .slice(0, limit)
    },
    async read(space, keys) {
      const found = toList(await ask(async () => own.read(space, keys)))
      return keys ? keys.map((_key, place) => found[place] ?? undefined) : found
    },
    write: changes => ask(async () => own.write(changes)),
    async change(keys, decide) {
      let state: 'asked' | 'decided' | 'over' = 'asked'
      function decideOnce(found: readonly unknown[]): readonly Change[] {
        if (state !== 'asked') throw new Error('decide is called once')
        const list = toList(found)
        state = 'decided'
        return decide(list)
      }
      try {
        await ask(async function () {
          // The caller goes on first: a store in memory decides at once, and would bind a call before the caller has noted it.
          await Promise.resolve()
          await own.change(keys, decideOnce)
        })
        if (state === 'asked') throw new Error('decide was not called')
      } finally {
        state = 'over'
      }
    },
  }

  /** Deletes all. @throws if the store does not. */
  function clear(): Promise<void> {
    const all = stores.map(space => ({ space, from: '', until: lastKey }))
    return ask(async () => own.write(all), true)
  }

  async function openOnce(mine: object): Promise<void> {
    try {
      // A store that cannot even be read is not open.
      toList(await ask(async () => own.keys('state', undefined, 1), true))
      if (opening !== mine) return
      isStaleYet = isStale() || isStaleYet
      if (isStaleYet) await clear()
      isStaleYet = false
      if (opening !== mine) return
      isOpen = true
      onOpen()
    } catch (cause) {
      if (opening === mine) onFail(cause)
    }
    if (opening === mine) opening = null
  }

  function pause(): void {
    isOpen = false
    opening = null
  }

  return {
    values,
    kind: 'own',
    open() {
      if (isOpen || opening || isClosed) return
      void openOnce((opening = {}))
    },
    isOpen: () => isOpen,
    pause,
    close() {
      isClosed = true
      pause()
    },
    async purge() {
      isClosed = true
      pause()
      await clear()
    },
    moveLegacy: async () => 0,
  }
}
