import type { Keeper } from './keeper.js'
import type { Outbox } from './outbox/outbox.js'
import { bindLate } from './record/late.js'
import { lateMs } from './record/limits.js'
import { countAt, type Parcel, sumOf } from './record/parcel.js'
import type { Writer } from './record/writer.js'
import type { Connection } from './store/key-value-store.js'
import type { Orphan } from './store/shared.js'
import type { Spill } from './store/spill.js'
import type { Store } from './store/store.js'

/** What the part needs that looks for what earlier pages left. */
export interface LookBackParts {
  readonly pageLoad: string
  readonly idleLimitMs: number
  readonly database: Connection
  readonly store: Store
  readonly spill: Spill
  readonly keeper: Keeper
  readonly writer: Writer
  /** Makes a separate writer. It binds the calls of a page that is gone. */
  readonly makeWriter: () => Writer
  readonly outbox: Outbox
  readonly deviceTime: () => number
  /** Asks which other pages live; `null` if nobody can answer. */
  readonly findAlive: () => Promise<ReadonlySet<string> | null>
  /** This page has taken over so many records. */
  readonly onAdopt: (count: number) => void
  /** So many entries of storage were damaged: they were made by nobody knows whom. */
  readonly onDrop: (count: number, own: number, reason: 'damaged') => void
}

/** Takes over what earlier pages left: in localStorage, as orphan exits, and in the layout of version 1. */
export interface LookBack {
  /** @returns whether something is owed that this page has not made. */
  run(): Promise<boolean>
  /**
   * Takes over what may name a session that is not open any more: what pages that went away left in localStorage, and the
   * orphan exits of such sessions.
   */
  takeStale(): Promise<void>
}

export function createLookBack(parts: LookBackParts): LookBack {
  const { pageLoad, idleLimitMs, database, store, spill, keeper, writer, outbox, deviceTime } = parts
  const { onAdopt, onDrop, makeWriter, findAlive } = parts
  let isLegacyMoved = false
  // Whether something was taken over that was not reported yet.
  let isAdopted = false

  function onDamaged(count: number): void {
    onDrop(count, 0, 'damaged')
  }

  function adopt(parcels: readonly Parcel[]): void {
    if (!parcels.length) return
    isAdopted = true
    onAdopt(sumOf(parcels, ({ key }) => countAt(key)))
    keeper.adopt(parcels)
  }

  function takeSpill(): void {
    // What tells of the last activity of a page that went away is deleted with the rest.
    writer.touch(spill.lastActive())
    const left = spill.left(deviceTime(), lateMs)
    adopt(left.parcels)
    for (const calls of left.calls) {
      isAdopted = isAdopted || calls.length > 0
      try {
        writer.adopt(bindLate(calls, makeWriter(), writer.openState()))
      } catch {
        onDamaged(calls.length)
      }
    }
    keeper.ship()
    // A page that said that it went away has recorded its own exit.
    if (database.isOpen() && left.departed.size) store.removeOrphans([...left.departed]).catch(keeper.fail)
    left.release()
    onDamaged(left.damaged)
  }

  /** Takes over the exits of pages that are gone. */
  async function takeOrphans(
    isGone: (orphan: Orphan, from: string, alive: ReadonlySet<string> | null) => boolean,
  ): Promise<void> {
    const orphans = await store.orphans(pageLoad)
    if (!orphans.size) return
    const alive = await findAlive()
    // Recording was denied meanwhile, or the visitor forgotten.
    if (!database.isOpen()) return
    const gone = [...orphans].filter(([from, orphan]) => !orphan.exit || isGone(orphan, from, alive))
    const open = writer.page()
    for (const [, { exit }] of gone) {
      if (!exit) onDamaged(1)
      // Not of the page that goes on because the tracker was stopped in it and started again.
      else if (!open || !exit[2].includes(open.pageID)) {
        isAdopted = true
        onAdopt(1)
        keeper.add(exit)
      }
    }
    keeper.ship()
    if (gone.length) await store.removeOrphans(gone.map(([from]) => from))
  }

  return {
    async run() {
      takeSpill()
      if (!database.isOpen()) return false
      await takeOrphans(function ({ at, isFrozen }, from, alive) {
        // The device clock may have been set back since the page wrote this.
        const age = Math.abs(deviceTime() - at)
        return alive && !isFrozen ? !alive.has(from) : !(age <= idleLimitMs)
      })
      if (!isLegacyMoved) onDamaged(await database.moveLegacy(pageLoad))
      isLegacyMoved = true
      const isAny = isAdopted || (await outbox.hasLeftovers())
      isAdopted = false
      return isAny
    },
    takeStale() {
      takeSpill()
      const { session } = writer.openState()
      return takeOrphans(({ exit }) => !!exit && !!exit[1] && !(session && exit[1].includes(session.sessionID)))
    },
  }
}
