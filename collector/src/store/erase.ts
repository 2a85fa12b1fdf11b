import { clockToleranceMs } from '../limits.js'
import {
  addErased,
  type ErasureTimes,
  isBefore,
  type RightsTables,
  type SessionKey,
  type SessionRow,
  type VisitPart,
} from './erasable.js'
import { createEraseAgain } from './erase-again.js'
import { toParts } from './parts.js'
import type { Erased, Rights, Tombstone } from './rights.js'
import type { Hash, Tombstones } from './tombstones.js'

/** Visits that are planned at a time. */
const planVisits = 50

/** A part of a visit that will be removed, with the sessions of the person in it. */
interface Plan extends VisitPart {
  readonly sessionIDs: readonly string[]
}

/**
 * Makes the erasure of persons. Tombstones come first: from then on, no merge that begins stores what they name. Then merges
 * that began before are waited for. So what is removed at last is all there is.
 */
export function createRights(tables: RightsTables, tombstones: Tombstones): Rights {
  const { removeOld, traits } = tables

  function toPlan(
    site: string,
    visitID: string,
    identityId: string,
    times: ErasureTimes,
    skew: number,
    all: readonly SessionRow[],
  ): Plan {
    const { erasedAt } = times
    const isOwn = (one: SessionRow): boolean => one.identityId === identityId && isBefore(one, times, skew)
    const spans = all.map(one => {
      const { startDate, endDate, lastActivity } = one
      // The device may not know yet that the session is over.
      const open = isOwn(one) ? Math.max(lastActivity, erasedAt - skew) : lastActivity
      return { startDate, until: endDate ? Math.max(endDate, lastActivity) : open, isOwn: isOwn(one) }
    })
    const sessionIDs = all.filter(isOwn).map(({ sessionID }) => sessionID)
    return { site, visitID, identityId, ...times, skew, parts: toParts(spans), sessionIDs }
  }

  async function toPlans(
    site: string,
    visitIDs: readonly string[],
    identityId: string,
    times: ErasureTimes,
  ): Promise<Plan[]> {
    const all = await tables.sessionsIn(site, visitIDs)
    if (!all) {
      const half = Math.ceil(visitIDs.length / 2)
      const halves = [visitIDs.slice(0, half), visitIDs.slice(half)]
      const plans: Plan[] = []
      for (const some of halves) plans.push(...(await toPlans(site, some, identityId, times)))
      return plans
    }
    const skews = await tables.skewsOf(site, visitIDs)
    return [...Map.groupBy(all, one => one.visitID)]
      .map(([visitID, sessions]) => toPlan(site, visitID, identityId, times, skews.get(visitID) ?? 0, sessions))
      .filter(plan => plan.sessionIDs.length > 0)
  }

  async function eraseVisits(site: string, identityId: string, times: ErasureTimes, some: readonly SessionKey[]) {
    const plans: Plan[] = []
    const visitIDs = [...new Set(some.map(one => one.visitID))]
    for (let from = 0; from < visitIDs.length; from += planVisits)
      plans.push(...(await toPlans(site, visitIDs.slice(from, from + planVisits), identityId, times)))
    if (!plans.length) return { sessions: 0, events: 0, visits: 0 }
    await tombstones.put(hash => plans.flatMap(plan => toTombstones(plan, hash)))
    await tables.settle()
    return tables.removeParts(plans)
  }

  async function eraseKey(site: string, key: string, times: ErasureTimes): Promise<Erased> {
    await tombstones.put(hash => [
      { site, kind: 'identity', hash: hash(site, 'identity', key), erasedAt: times.erasedAt, fromAt: 0, untilAt: 0 },
    ])
    await tables.settle()
    const total = { sessions: 0, events: 0, visits: 0 }
    for (let after: SessionKey | null = null; ; ) {
      const some: readonly SessionKey[] = await tables.sessionsOf(site, key, after)
      after = some.at(-1) ?? null
      if (!after) break
      addErased(total, await eraseVisits(site, key, times, some))
    }
    await tables.removePerson(site, key, times)
    return total
  }

  const eraseAgain = createEraseAgain(tables, tombstones, eraseKey)
  const toAheadAt = (now: number): number => now + clockToleranceMs
  return {
    removeOld,
    traits,
    erase: (site, identityId, now) =>
      eraseKey(site, tables.keyOf(identityId), { erasedAt: now, aheadAt: toAheadAt(now) }),
    tombstones: () => tables.tombstones.read(0),
    eraseAgain: (state, now) => eraseAgain(state, toAheadAt(now)),
  }
}

function toTombstones({ site, visitID, erasedAt, parts, sessionIDs }: Plan, hash: Hash): Tombstone[] {
  return [
    ...sessionIDs.map(sessionID => {
      const kind = 'session'
      return { site, kind, hash: hash(site, kind, visitID, sessionID), erasedAt, fromAt: 0, untilAt: 0 } as const
    }),
    ...parts.map(({ from, until }) => {
      const kind = 'visit'
      return { site, kind, hash: hash(site, kind, visitID), erasedAt, fromAt: from, untilAt: until } as const
    }),
  ]
}
