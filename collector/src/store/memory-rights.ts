import { isTextAfter } from 'sojourn/record'
import { addErased, isBefore, type RightsTables, type SessionRow, type VisitPart } from './erasable.js'
import { isInParts } from './parts.js'
import type { Erased, StoredTrait, Tombstone } from './rights.js'
import type { TableName } from './tables.js'

/** A row by the names of its columns. */
type Item = Record<string, string | number | null>

/** What the memory store offers: its rows, and a way to remove those that match. */
interface MemoryTables {
  readonly rowsOf: (table: TableName) => readonly Item[]
  /** @returns how many were removed. */
  readonly remove: (table: TableName, isIt: (row: Item) => boolean) => number
  readonly add: (table: TableName, row: Item) => void
}

function isReceivedBefore(a: Item, b: Item): boolean {
  for (const name of ['receivedAt', 'startDate']) if (a[name] !== b[name]) return Number(a[name]) < Number(b[name])
  return isTextAfter(String(b.sessionID), String(a.sessionID))
}

const ofVisits = ['events', 'session_pages', 'pages', 'writers', 'refused', 'sessions', 'visits'] as const

/** Makes the tables of erasure, retention and export in memory, in the simplest way. */
export function createMemoryRights({ rowsOf, remove, add }: MemoryTables): RightsTables {
  let [n, secret] = [0, '']
  const erased: (Tombstone & { n: number })[] = []

  const inVisit =
    (site: string, visitID: string) =>
    (row: Item): boolean =>
      row.site === site && row.visitID === visitID
  const sessionsIn = (site: string, visitID: string) =>
    rowsOf('sessions').filter(inVisit(site, visitID)) as unknown as SessionRow[]
  const removeVisit = (site: string, visitID: string): void => {
    for (const table of ofVisits) remove(table, inVisit(site, visitID))
  }

  /** Removes what is old of a visit to which something was added since. @returns whose sessions it removed, and how many rows. */
  const removeParts = (site: string, visitID: string, before: number): { people: string[]; rows: number } => {
    const isIn = inVisit(site, visitID)
    const all = rowsOf('events').filter(isIn)
    const newer = all.filter(row => Number(row.serverTimestamp) >= before)
    const isLeft = (id: 'sessionID' | 'pageID', row: Item): boolean => newer.some(one => one[id] === row[id])
    const people = sessionsIn(site, visitID).flatMap(one => (one.receivedAt < before ? one.identityId : []))
    const isOld = (row: Item, id: 'sessionID' | 'pageID'): boolean =>
      isIn(row) && Number(row.receivedAt) < before && !isLeft(id, row)
    const rows =
      remove('events', row => isIn(row) && Number(row.serverTimestamp) < before) +
      remove('pages', row => isOld(row, 'pageID')) +
      remove('sessions', row => isOld(row, 'sessionID'))
    if (!rows) return { people: [], rows }
    for (const [table, parent, id] of [
      ['session_pages', 'sessions', 'sessionID'],
      ['session_pages', 'pages', 'pageID'],
      ['writers', 'events', 'writer'],
    ] as const)
      remove(table, row => isIn(row) && !rowsOf(parent).some(one => isIn(one) && one[id] === row[id]))
    return { people, rows }
  }

  function removePart({ site, visitID, identityId, skew, parts, ...times }: VisitPart): Erased {
    const own = sessionsIn(site, visitID).filter(one => one.identityId === identityId && isBefore(one, times, skew))
    const ids = new Set<unknown>(own.map(({ sessionID }) => sessionID))
    const isIn = inVisit(site, visitID)
    const isTheirs = (row: Item, time: string): boolean =>
      isIn(row) && (row.sessionID === null ? isInParts(Number(row[time]), parts) : ids.has(row.sessionID))
    const events = remove('events', row => isTheirs(row, 'timestamp'))
    remove('pages', row => isTheirs(row, 'startDate'))
    remove('session_pages', row => isIn(row) && ids.has(row.sessionID))
    remove('refused', isIn)
    const sessions = remove('sessions', row => isIn(row) && ids.has(row.sessionID))
    const isLeft = rowsOf('events').some(isIn) || rowsOf('sessions').some(isIn)
    if (!isLeft) removeVisit(site, visitID)
    return { sessions, events, visits: isLeft ? 0 : 1 }
  }

  return {
    keyOf: id => id,
    tombstones: {
      read: async after => ({ n, secret, rows: erased.filter(one => one.n > after) }),
      async write(expected, given, rows) {
        if (expected !== n) return false
        n++
        secret = given
        erased.push(...rows.map(row => ({ ...row, n })))
        return true
      },
    },
    settle: async () => undefined,
    sessionsOf: async (site, identityId, after) =>
      after
        ? []
        : (rowsOf('sessions').filter(
            row => row.site === site && row.identityId === identityId,
          ) as unknown as SessionRow[]),
    keysIn: async (table, site, after) =>
      after ? [] : rowsOf(table).flatMap(row => (row.site === site ? String(row.visitID ?? row.identityId) : [])),
    sessionsIn: async (site, visitIDs) => visitIDs.flatMap(visitID => sessionsIn(site, visitID)),
    skewsOf: async (site, visitIDs) =>
      new Map(visitIDs.map(id => [id, Number(rowsOf('visits').find(inVisit(site, id))?.skew ?? 0)])),
    async removeParts(all) {
      const total = { sessions: 0, events: 0, visits: 0 }
      for (const part of all) addErased(total, removePart(part))
      return total
    },
    async removePerson(site, identityId, { erasedAt, aheadAt }) {
      const isOld = (row: Item, time: string): boolean =>
        row.site === site &&
        row.identityId === identityId &&
        (Number(row.receivedAt) <= erasedAt || Number(row.receivedAt) > aheadAt || Number(row[time]) <= erasedAt)
      remove('traits', row => isOld(row, 'at'))
      // If a session is left, it needs its identity.
      const [first] = rowsOf('sessions')
        .filter(row => row.site === site && row.identityId === identityId)
        .toSorted((a, b) => (isReceivedBefore(a, b) ? -1 : 1))
      if (remove('identities', row => isOld(row, 'startDate')) && first) add('identities', first)
    },
    async removeOld(site, before) {
      const isOld = ({ visitID, receivedAt }: Item): boolean =>
        Number(receivedAt) < before &&
        !rowsOf('events').some(row => inVisit(site, String(visitID))(row) && Number(row.serverTimestamp) >= before) &&
        !sessionsIn(site, String(visitID)).some(row => row.receivedAt >= before)
      const old = rowsOf('visits').filter(row => row.site === site && isOld(row))
      const people = old.flatMap(({ visitID }) => sessionsIn(site, String(visitID)).map(one => one.identityId))
      for (const { visitID } of old) removeVisit(site, String(visitID))
      const others = rowsOf('visits').filter(row => row.site === site && Number(row.receivedAt) < before)
      const parts = others.map(({ visitID }) => removeParts(site, String(visitID), before))
      people.push(...parts.flatMap(one => one.people))
      for (const identityId of new Set<unknown>(people)) {
        const isOf = (row: Item): boolean => row.site === site && row.identityId === identityId
        const isNewer = (one: Item, than: Item): boolean => one.trait === than.trait && Number(one.at) > Number(than.at)
        const theirs = rowsOf('traits').filter(isOf)
        if (rowsOf('sessions').some(isOf))
          remove('traits', row => isOf(row) && Number(row.receivedAt) < before && theirs.some(one => isNewer(one, row)))
        else for (const table of ['identities', 'traits'] as const) remove(table, isOf)
      }
      const isLeft = (row: Item): boolean =>
        row.site === site &&
        Number(row.receivedAt) < before &&
        !rowsOf('sessions').some(one => one.site === site && one.identityId === row.identityId)
      const isAlone = (row: Item): boolean =>
        isLeft(row) && !rowsOf('identities').some(one => one.site === site && one.identityId === row.identityId)
      const left = new Set<unknown>(
        rowsOf('identities')
          .filter(isLeft)
          .map(({ identityId }) => identityId),
      )
      for (const row of rowsOf('traits').filter(isAlone)) left.add(row.identityId)
      for (const table of ['identities', 'traits'] as const)
        remove(table, row => row.site === site && left.has(row.identityId))
      const hasRemoved = old.length > 0 || left.size > 0 || parts.some(one => one.rows > 0)
      return { visits: old.length, hasRemoved, next: null }
    },
    async traits(site, identityId, after, limit) {
      const all = rowsOf('traits').filter(row => row.site === site && row.identityId === identityId)
      const keyOf = (one: Item | StoredTrait): string => `${one.trait}\0${one.sourceID}`
      const sorted = (all as unknown as StoredTrait[]).toSorted((a, b) => (keyOf(a) < keyOf(b) ? -1 : 1))
      const later = sorted.filter(one => !after || keyOf(one) > keyOf(after)).slice(0, limit)
      return later.map(({ trait, value, sourceID, at, receivedAt }) => ({ trait, value, sourceID, at, receivedAt }))
    },
  }
}
