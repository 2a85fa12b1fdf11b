import { fromText, nothing, toRemembered, toText } from '../../numbers/text.js'
import { digestBiteVisits, maxFoldTries } from '../numbers-limits.js'
import type { Digested } from '../store.js'
import type { Value } from '../tables.js'
import type { ChangeStatement, RightsDatabase } from './change.js'
import { type Recount, toDifference, toVisitors, type VisitorChange } from './difference.js'
import { createFit } from './fit.js'
import { chunk, createRowStatements, type RowStatements, toFoldStatements } from './fold-statements.js'
import { readDigests, toIn } from './visit-rows.js'

/** Keeps what is counted of the visits of an SQL database. */
export interface Folds {
  /** The statement that marks a visit as changed, as part of the unit that changes it. */
  readonly mark: (site: string, visitID: string, since: number) => ChangeStatement
  /** The same for some visits, no one twice. */
  readonly markAll: (site: string, visitIDs: readonly string[], since: number) => readonly ChangeStatement[]
  /** Counts visits anew at once. All ids are keys. */
  readonly fold: (site: string, visitIDs: readonly string[]) => Promise<void>
  /** Counts some changed visits anew. */
  readonly digest: () => Promise<Digested>
  /** How many visits are marked. */
  readonly countChanged: () => Promise<number>
}

/** A visit that is marked as changed: how often it has changed; `null`: it is not marked. */
type Marked = readonly [visitID: string, n: number | null]

/**
 * Makes the folds of a database. Everything that a fold reads may be old when it writes. So `folds` has a number for each site
 * that each fold takes one further: who finds another number than at the beginning writes nothing.
 *
 * @param pause resolves when a fold may write, so that merges come first.
 */
export function createFolds(database: RightsDatabase, pause: () => Promise<void>): Folds {
  const { schema, all, change } = database
  const fit = createFit(database)
  let after: readonly [site: string, visitID: string] = ['', '']

  async function readPresent(
    { find }: RowStatements,
    visitors: readonly VisitorChange[],
  ): Promise<Map<string, number>> {
    const present = new Map<string, number>()
    for (const { sql, values } of find('visitors', visitors, 'ours.day, ours.automated AS told, ours.who, ours.n')) {
      const rows = (await all(sql, values)) as { day: number; told: number; who: number; n: number }[]
      for (const { day, told, who, n } of rows) present.set(`${day} ${told} ${who}`, n)
    }
    return present
  }

  async function readBefore(site: string, visitIDs: readonly string[]): Promise<Map<string, string>> {
    const { sql, values } = toIn('digests', site, visitIDs)
    const rows = await all(`SELECT "visitID", text FROM ${schema}digests AS digests WHERE ${sql}`, values)
    return new Map((rows as { visitID: string; text: string }[]).map(one => [one.visitID, one.text]))
  }

  /** @returns whether it was written. If not, another fold was faster. */
  async function tryFold(site: string, marked: readonly Marked[]): Promise<boolean> {
    const [state] = (await all(`SELECT n FROM ${schema}folds WHERE site = ?`, [site])) as { n: number }[]
    const visitIDs = marked.map(([visitID]) => visitID)
    const texts = await readBefore(site, visitIDs)
    const digests = await fit(site, await readDigests(database, site, visitIDs))
    const recounts: (Recount & { readonly text: string | null })[] = []
    for (const visitID of visitIDs) {
      const [old, digest] = [texts.get(visitID), digests.get(visitID) ?? null]
      const present = digest ? toRemembered(digest) : nothing
      const text = digest && toText(present)
      if (text === (old ?? null)) continue
      recounts.push({ visitID, before: old === undefined ? nothing : fromText(old), after: present, digest, text })
    }
    const rows = createRowStatements(database, site)
    const present = await readPresent(rows, toVisitors(recounts))
    const difference = toDifference(recounts, one => present.get(`${one.day} ${one.automated} ${one.who}`) ?? 0)
    const first = `INSERT INTO ${schema}folds (site, n) VALUES (?, 0) ON CONFLICT (site) DO NOTHING RETURNING 1 AS one`
    const guard = `UPDATE ${schema}folds SET n = n + 1 WHERE site = ? AND n = ? RETURNING 1 AS one`
    // Also if only a mark goes: another fold may have read the visit as it was before that change.
    const isWriting = recounts.length > 0 || marked.some(([, n]) => n !== null)
    await pause()
    const [result] = await change([
      [
        ...(state ? [] : [{ sql: first, values: [site] }]),
        ...(isWriting ? [{ sql: guard, values: [site, state?.n ?? 0], must: true }] : []),
        ...toFoldStatements(rows, difference, recounts),
        ...toUnmark(rows, marked),
      ],
    ])
    return result !== null
  }

  function toUnmark({ remove }: RowStatements, marked: readonly Marked[]): ChangeStatement[] {
    const some = marked.flatMap(([visitID, n]) => (n === null ? [] : [{ visitID, n }]))
    const names = ['visitID', 'n']
    // Each visit is on a node of its own, so that one statement for several would run on all nodes.
    return database.isDistributed
      ? some.flatMap(one => remove('changed', [one], '', names))
      : remove('changed', some, '', names)
  }

  async function readMarks(site: string, visitIDs: readonly string[]): Promise<Marked[]> {
    const { sql, values } = toIn('changed', site, visitIDs)
    const rows = await all(`SELECT "visitID", n FROM ${schema}changed AS changed WHERE ${sql}`, values)
    const marks = new Map((rows as { visitID: string; n: number }[]).map(one => [one.visitID, one.n]))
    return visitIDs.map(visitID => [visitID, marks.get(visitID) ?? null])
  }

  async function foldSome(site: string, visitIDs: readonly string[]): Promise<void> {
    for (let tries = 0; tries < maxFoldTries; tries++) if (await tryFold(site, await readMarks(site, visitIDs))) return
    throw new Error('other collectors were faster each time a visit was counted anew')
  }

  function toMark(site: string, visitIDs: readonly string[], since: number): ChangeStatement {
    const rows = visitIDs.map(() => '(?, ?, ?, 1)').join()
    return {
      sql: `INSERT INTO ${schema}changed AS ours (site, "visitID", since, n) VALUES ${rows} ON CONFLICT (site, "visitID") DO UPDATE SET n = ours.n + 1 RETURNING 1 AS one`,
      values: visitIDs.flatMap((visitID): Value[] => [site, visitID, since]),
    }
  }

  return {
    mark: (site, visitID, since) => toMark(site, [visitID], since),
    markAll: (site, visitIDs, since) => chunk(visitIDs).map(some => toMark(site, some, since)),
    async fold(site, visitIDs) {
      for (let from = 0; from < visitIDs.length; from += digestBiteVisits)
        await foldSome(site, visitIDs.slice(from, from + digestBiteVisits))
    },
    async countChanged() {
      const [row] = (await all(`SELECT count(*) AS visits FROM ${schema}changed`, [])) as { visits: number }[]
      return row?.visits ?? 0
    },
    async digest() {
      const rows = (await all(
        `SELECT site, "visitID", n FROM ${schema}changed WHERE (site, "visitID") > (?, ?) ORDER BY site, "visitID" LIMIT ${digestBiteVisits}`,
        after,
      )) as { site: string; visitID: string; n: number }[]
      const last = rows.at(-1)
      const isOver = !last || rows.length < digestBiteVisits
      after = isOver ? ['', ''] : [last.site, last.visitID]
      for (const [site, some] of Map.groupBy(rows, one => one.site)) {
        const isFirst = await tryFold(
          site,
          some.map(one => [one.visitID, one.n]),
        )
        if (!isFirst) return 'busy'
      }
      return isOver ? 'over' : 'more'
    },
  }
}
