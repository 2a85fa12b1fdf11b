import { createMemoryStore } from '../../../collector/src/store/memory.js'
import type { Arrival, CollectorStore, SiteReads } from '../../../collector/src/store/store.js'
import { type App, collectorOver } from '../helpers/app.js'
import { changed, eachObject, type Row } from '../helpers/broken.js'

type Item = Record<string, any>
type Kind = 'event' | 'session' | 'page' | 'visit'

/** The id of a resource, in a batch or a reply, and what it is. */
function toKey(one: Item): readonly [kind: Kind, id: string] | null {
  if (one.eventID) return ['event', one.eventID]
  if (one.pageID) return ['page', one.pageID]
  if (one.sessionID && one.identityId) return ['session', one.sessionID]
  return one.visitID && 'globalVisitID' in one ? ['visit', one.visitID] : null
}

/** Replies with other versions than those that were received first. `isKept` decides between two values of a field. */
function overwriting(app: App, kinds: readonly Kind[], isKept: (kept: any, now: any) => boolean): App {
  const known = new Map<string, Item>()
  const find = (one: Item): [Item | undefined, string] => {
    const [kind, id] = toKey(one) ?? []
    const key = `${kind} ${id}`
    return [kind && kinds.includes(kind) ? (known.get(key) ?? {}) : undefined, key]
  }
  return changed(app, {
    batch: batch =>
      eachObject(batch, one => {
        const [before, key] = find(one)
        if (!before) return
        const { events: _, pages: __, ...said } = one
        const kept = Object.entries(said).filter(([name, value]) => !(name in before) || !isKept(before[name], value))
        known.set(key, { ...before, ...Object.fromEntries(kept) })
      }),
    read: body =>
      eachObject(body, one => {
        const [before] = find(one)
        for (const name of Object.keys(before ?? {})) if (name in one) one[name] = before?.[name]
      }),
  })
}

/** Makes a collector over a store in memory with some reads of its own. `arrivals` are all that it has merged. */
function reading(change: (reads: SiteReads, arrivals: readonly Arrival[]) => Partial<SiteReads>): App {
  const store = createMemoryStore()
  const arrivals: Arrival[] = []
  const broken: CollectorStore = {
    ...store,
    merge(some) {
      arrivals.push(...some)
      return store.merge(some)
    },
    of(site) {
      const reads = store.of(site)
      return { ...reads, ...change(reads, arrivals) }
    },
  }
  return collectorOver(broken)
}

/** Corrects pages by the greatest `viewedAt` of all that count. */
function correcting(app: App, counts: (viewedAt: number, sentAt: number) => boolean): App {
  const latest = new Map<string, Item>()
  return changed(app, {
    batch: batch =>
      eachObject(batch, one => {
        const isLater = one.viewedAt > (latest.get(one.pageID)?.viewedAt ?? 0)
        if (isLater && counts(one.viewedAt, Number(batch.sentAt ?? 0))) latest.set(one.pageID, one)
      }),
    read: body =>
      eachObject(body, one => {
        const { url, title } = latest.get(one.pageID) ?? {}
        if (title && 'title' in one) Object.assign(one, { url, title })
      }),
  })
}

/** Finds sessions and pages in another visit than the first. */
const findingIn = (choose: (visitIDs: readonly string[]) => string | undefined): App =>
  reading((reads, arrivals) => {
    const visitsOf = (of: (arrival: Arrival) => readonly string[]): string => choose(arrivals.flatMap(of)) ?? ''
    return {
      async session(id) {
        const isIt = (one: { sessionID: string }): boolean => one.sessionID === id
        const visitID = visitsOf(({ batch }) => batch.sessions.filter(isIt).map(one => one.visitID))
        return (await reads.sessions({ visitID })).find(isIt) ?? null
      },
      async page(id) {
        const visitID = visitsOf(({ batch }) =>
          batch.pages.filter(({ page }) => page.pageID === id).map(one => one.visitID),
        )
        return (await reads.pages({ visitID })).find(({ pageID }) => pageID === id) ?? null
      },
    }
  })

/** Lists identities by one of their sign-ins. */
const beginningWith = (choose: (startDates: readonly number[]) => number): App =>
  reading((reads, arrivals) => ({
    async identities(filter) {
      const startOf = (identityId: string): number =>
        choose(
          arrivals.flatMap(({ batch }) =>
            batch.sessions.filter(one => one.identityId === identityId).map(one => one.startDate),
          ),
        )
      const all = await reads.identities(filter)
      return all.map(one => ({ ...one, startDate: startOf(one.identityId) })).sort((a, b) => a.startDate - b.startDate)
    },
  }))

const every: readonly Kind[] = ['event', 'session', 'page', 'visit']
const toText = (value: unknown): string => (typeof value === 'number' ? String(value).padStart(16, '0') : String(value))

/** Sets fields of sessions or pages in replies, to what events of any time say. */
function ending(app: App, endings: readonly string[], of: 'sessionID' | 'pageID'): App {
  const ends = new Map<string, number>()
  return changed(app, {
    batch(batch) {
      for (const { sessionID, events } of batch.sessions ?? [])
        for (const one of events ?? [])
          if (endings.includes(one.eventName)) ends.set(of === 'pageID' ? one.pageID : sessionID, one.timestamp)
      return batch
    },
    read: body =>
      eachObject(body, one => {
        if ('endDate' in one && !one.eventID && (of === 'pageID' || !one.pageID) && ends.has(one[of]))
          one.endDate = ends.get(one[of])
      }),
  })
}

/** Collectors that let a later or a forged copy change what was received first. */
export const first: readonly Row[] = [
  ...every.map(
    (kind): Row => [
      `lets the ${kind} that was received last win`,
      ['first-received'],
      app => overwriting(app, [kind], () => false),
    ],
  ),
  [
    'lets the greater text win',
    ['first-received'],
    app => overwriting(app, every, (kept, now) => toText(kept) >= toText(now)),
  ],
  [
    'lets the smaller text win',
    ['first-received'],
    app => overwriting(app, every, (kept, now) => toText(kept) <= toText(now)),
  ],
  ['finds an id in the greatest visit that claims it', ['claimed-ids'], () => findingIn(ids => ids.toSorted().at(-1))],
  ['finds an id in the smallest visit that claims it', ['claimed-ids'], () => findingIn(ids => ids.toSorted()[0])],
  ['finds an id in the visit that claimed it last', ['claimed-ids'], () => findingIn(ids => ids.at(-1))],
  [
    "orders names by the sender's clock",
    ['ahead'],
    () =>
      reading((reads, arrivals) => ({
        async identity(id) {
          const told = arrivals
            .flatMap(({ batch }) => batch.facts)
            .filter(({ event, session }) => session?.identityId === id && event.data?.name)
            .map(({ event }) => event)
          const latest = told.toSorted((a, b) => a.timestamp - b.timestamp).at(-1)
          const identity = await reads.identity(id)
          return identity && { ...identity, name: String(latest?.data?.name ?? '') }
        },
      })),
  ],
  [
    'ends a session at a time that is yet to come',
    ['ahead'],
    app => ending(app, ['SignOut', 'SessionEnded'], 'sessionID'),
  ],
  ['ends a page at a time that is yet to come', ['ahead'], app => ending(app, ['PageExited'], 'pageID')],
  ['lets the greatest viewedAt correct a page', ['ahead'], app => correcting(app, () => true)],
  [
    "orders corrections of a page by the sender's clock",
    ['ahead'],
    app => correcting(app, (viewedAt, sentAt) => viewedAt <= sentAt + 300_000),
  ],
  ['begins an identity with its earliest sign-in', ['identity-start'], () => beginningWith(all => Math.min(...all))],
  ['begins an identity with its last sign-in', ['identity-start'], () => beginningWith(all => all.at(-1) ?? 0)],
]
