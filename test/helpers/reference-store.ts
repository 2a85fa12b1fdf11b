import type { OpenState } from '../../src/record/open-state.js'
import type { Orphan } from '../../src/store/shared.js'
import type { SettledParcel, Store } from '../../src/store/store.js'

const dayMs = 24 * 3_600_000

/** The promise of a store in the plainest words, in memory. It knows nothing of IndexedDB, and shares no code with it. */
export function referenceStore(now: () => number): Store {
  const parcels = new Map<unknown, unknown>()
  let settled: SettledParcel[] = []
  let state: OpenState | undefined
  let active = 0
  const orphans = new Map<string, Orphan>()
  let oldSince: number | null = null
  let lease = { holder: '', until: 0 }
  function putOrphan(pageLoad: string, orphan: Orphan | null): void {
    if (orphan) orphans.set(pageLoad, orphan)
    else orphans.delete(pageLoad)
  }
  return {
    isOpen: () => true,
    async keep(all) {
      for (const { key, text } of all) parcels.set(key, text)
    },
    async keys(after, limit) {
      const sorted = ([...parcels.keys()] as string[]).sort()
      return sorted.filter(key => after === undefined || key > (after as string)).slice(0, limit)
    },
    read: async keys => keys.map(key => parcels.get(key)),
    async remove(keys) {
      for (const key of keys) parcels.delete(key)
    },
    async keepSettled(all) {
      settled.push(...all)
    },
    async sweepSettled(open) {
      settled = settled.filter(({ sessionID }) => sessionID === open)
    },
    async forget(keys, session) {
      for (const key of keys) parcels.delete(key)
      settled = settled.filter(({ sessionID }) => sessionID !== session)
    },
    all: async () => [settled.map(({ text }) => text), [...parcels.values()]],
    async change(pageLoad, decide) {
      const next = decide(state && { ...state, active: Math.max(state.active, active) }, orphans.has(pageLoad))
      state = next.state
      active = state.active
      putOrphan(pageLoad, next.orphan)
    },
    async note(noted, isChanged, pageLoad, orphan) {
      if (isChanged) state = noted
      active = noted.active
      putOrphan(pageLoad, orphan)
    },
    orphans: async pageLoad => new Map([...orphans].filter(([from]) => from !== pageLoad)),
    async removeOrphans(pageLoads) {
      for (const one of pageLoads) orphans.delete(one)
    },
    async isAged(isOld) {
      if (!isOld) oldSince = null
      else if (oldSince === null || oldSince > now()) oldSince = now()
      return oldSince !== null && now() - oldSince >= dayMs
    },
    async lease(holder, at, until) {
      const isTaken = lease.holder !== '' && lease.until >= at && lease.until <= until
      if (isTaken && lease.holder !== holder) return false
      lease = { holder, until }
      return true
    },
  }
}
