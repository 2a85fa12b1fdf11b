import type { DatabaseParts } from '../../src/store/database.js'
import type { Connection, KeyValueStore } from '../../src/store/key-value-store.js'
import { emptyShelf, memoryStore } from '../../src/testing/memory.js'
import type { Device, DeviceTraits } from './device.js'

/** Makes what opens the database of the device, for each page. */
export function connectTo(
  device: Device,
  { isSlow, random }: Pick<DeviceTraits, 'isSlow' | 'random'>,
): (parts: DatabaseParts) => Connection {
  const { clock } = device
  let last: Promise<unknown> = Promise.resolve()

  return ({ isWanted, isStale, onOpen }) => {
    const page = clock.owner()
    let [isOpen, isOpening, isClosed] = [false, false, false]

    function pause(): void {
      isOpen = isOpening = false
    }

    function opened(): void {
      if (!isOpening || !isWanted()) return
      if (isStale()) device.shelf = emptyShelf()
      isOpening = false
      isOpen = true
      clock.beat()
      onOpen()
    }

    /**
     * A transaction that has begun is done, although its page is gone, unless code of the page is a part of it. Those that
     * begin after it wait for it.
     */
    async function ask<T>(run: (store: KeyValueStore) => Promise<T>, isOfPage = false): Promise<T> {
      clock.beat()
      if (!isOpen) throw new Error('the database is not open')
      const ms = isSlow ? Math.floor(random() * 4) : 0
      const done = last.then(async () => {
        if (ms) await new Promise<void>(resolve => clock.startIn(null, resolve, ms))
        if (isOfPage && (page?.isDead || page?.isAtRest)) throw new Error('aborted, because its page is gone')
        return clock.inside(isOfPage ? page : null, () => run(memoryStore(device.shelf)))
      })
      last = done.catch(() => {})
      await last
      await new Promise<void>(resolve => clock.startIn(page, resolve, 0))
      return done
    }

    return {
      kind: 'indexeddb',
      open() {
        if (isClosed || isOpen || isOpening) return
        isOpening = true
        clock.time.start(opened, isSlow ? 1 + Math.floor(random() * 30) : 0, false)
      },
      isOpen: () => isOpen,
      values: {
        keys: (...what) => ask(({ keys }) => keys(...what)),
        read: (...what) => ask(({ read }) => read(...what)),
        write: changes => ask(({ write }) => write(changes)),
        change: (keys, decide) => ask(({ change }) => change(keys, decide), true),
      },
      pause,
      close() {
        isClosed = true
        pause()
      },
      async purge() {
        isClosed = true
        pause()
        device.shelf = emptyShelf()
      },
      moveLegacy: async () => 0,
    }
  }
}
