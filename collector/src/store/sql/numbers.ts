import { isTextAfter } from 'sojourn/record'
import { toAddress, toID, toValue } from '../../numbers/keys.js'
import { counters, dims, hasBlocks } from '../../numbers/parts.js'
import { type DayNumbers, durationBuckets, type Numbers, type Period, type Ranking, type Step } from '../numbers.js'
import { maxFunnelSessions, maxProperties } from '../numbers-limits.js'
import type { Value } from '../tables.js'
import type { RightsDatabase } from './change.js'
import { blockDays } from './difference.js'
import { createListed } from './listed.js'

const dayMs = 86_400_000

type NumbersDatabase = Pick<RightsDatabase, 'schema' | 'all'>

interface Sql {
  readonly sql: string
  readonly values: readonly Value[]
}

/** Makes the numbers of a site. They are the same for every SQL database. */
export function createNumbers(database: NumbersDatabase, site: string): Numbers {
  const { schema, all } = database

  /** The rows of some totals in a period, as whole blocks of days and the days at its ends. */
  function toRows(dim: number, parent: number, { since, until, automated }: Period): Sql {
    const [first, last] = [Math.floor(since / dayMs), Math.ceil(until / dayMs) - 1]
    const of = automated === undefined ? '' : ' AND automated = ?'
    const some = (from: number, to: number): Sql => ({
      sql: `SELECT day, "key", n, ms FROM ${schema}totals WHERE site = ? AND dim = ? AND parent = ? AND day >= ? AND day <= ?${of}`,
      values: [site, dim, parent, from, to, ...(automated === undefined ? [] : [automated === 'only' ? 1 : 0])],
    })
    const [from, to] = [Math.ceil(first / blockDays), Math.floor((last + 1) / blockDays) - 1]
    if (!hasBlocks(dim) || from > to) return some(first, last)
    const parts = [some(first, from * blockDays - 1), some(-1 - to, -1 - from), some((to + 1) * blockDays, last)]
    return { sql: parts.map(({ sql }) => sql).join(' UNION ALL '), values: parts.flatMap(({ values }) => values) }
  }

  async function sum(dim: number, period: Period): Promise<readonly Sum[]> {
    const { sql, values } = toRows(dim, 0, period)
    const rows = await all(
      `SELECT day, "key", CAST(sum(n) AS bigint) AS n, CAST(sum(ms) AS bigint) AS ms FROM (${sql}) AS part GROUP BY day, "key" ORDER BY day`,
      values,
    )
    return rows as Sum[]
  }

  async function rank(dim: number, parent: number, period: Period, by: 'count' | 'activeMs', limit: number) {
    const { sql, values } = toRows(dim, parent, period)
    const sums = `SELECT "key", CAST(sum(n) AS bigint) AS n, CAST(sum(ms) AS bigint) AS ms FROM (${sql}) AS part GROUP BY "key" HAVING sum(n) > 0`
    const whole =
      'CAST(sum(n) OVER () AS bigint) AS "allN", CAST(sum(ms) OVER () AS bigint) AS "allMs", count(*) OVER () AS "keys"'
    const top = `SELECT "key", n, ms, ${whole} FROM (${sums}) AS sums ORDER BY ${by === 'count' ? 'n' : 'ms'} DESC, "key" LIMIT ?`
    const rows = (await all(
      `SELECT top.*, words.text AS word FROM (${top}) AS top LEFT JOIN ${schema}words AS words ON words.site = ? AND words.id = top."key"`,
      [...values, limit, site],
    )) as RankedSum[]
    return toRanking(rows, by)
  }

  async function funnel(steps: readonly Step[], period: Period) {
    const { since, until, automated } = period
    const of = automated === undefined ? '' : ' AND m.automated = ?'
    const isOnly = automated === undefined ? [] : [automated === 'only' ? 1 : 0]
    const ids = steps.map(step => ('url' in step ? toID('address', toAddress(step.url)) : toID('name', step.eventName)))
    const from = `FROM ${schema}marks AS m WHERE m.site = ? AND m.mark = ? AND m."startDate" >= ? AND m."startDate" < ?${of}`
    const values = [site, ids[0] ?? 0, since, until, ...isOnly]
    const first = `SELECT m."startDate", m.ref, m.first AS at ${from} ORDER BY m."startDate" DESC, m.ref DESC LIMIT ${maxFunnelSessions}`
    const later = ids.slice(1).map((_, n) => {
      const at = `CASE WHEN m.first >= s.at THEN m.first ELSE m.last END`
      const isSame = `m.site = ? AND m.mark = ? AND m."startDate" = s."startDate" AND m.ref = s.ref AND m.last >= s.at`
      // No join: PostgreSQL cannot know how many sessions a step has, and may read all marks of the next step for each.
      const next = `SELECT ${at} FROM ${schema}marks AS m WHERE ${isSame}`
      return `SELECT s."startDate", s.ref, (${next}) AS at FROM step${n} AS s WHERE s.at IS NOT NULL`
    })
    const parts = [first, ...later].map((sql, n) => `step${n} AS MATERIALIZED (${sql})`)
    const counts = ids.map((_, n) => `(SELECT count(at) FROM step${n}) AS "${n}"`)
    const [row] = (await all(`WITH ${parts.join()} SELECT ${counts.join()}`, [
      ...values,
      ...ids.slice(1).flatMap(id => [site, id]),
    ])) as Record<string, number>[]
    const sessions = ids.map((_, n) => row?.[n] ?? 0)
    const looked = sessions[0] ?? 0
    const edge = `SELECT 1 AS one ${from} ORDER BY m."startDate" DESC, m.ref DESC LIMIT 1 OFFSET ${maxFunnelSessions}`
    return { sessions, looked, isWhole: looked < maxFunnelSessions || !(await all(edge, values)).length }
  }

  return {
    days: async period => toDays(await sum(dims.days, period)),
    async durations(period) {
      const counts = durationBuckets.map(() => 0)
      for (const { key, n } of await sum(dims.durations, period)) counts[key] = (counts[key] ?? 0) + n
      return counts
    },
    ranking: (of, period, by, limit) => rank(dims[of], 0, period, by, limit),
    properties: async (eventName, period) =>
      (await rank(dims.properties, toID('name', eventName), period, 'count', maxProperties)).rows,
    values: (eventName, property, period, limit) =>
      rank(dims.values, toID('property', eventName, toValue(property)), period, 'count', limit),
    funnel,
    sessions: createListed(database, site),
    async behind() {
      const sql = `SELECT count(*) AS visits, min(since) AS since FROM ${schema}changed WHERE site = ?`
      const [row] = (await all(sql, [site])) as { visits: number; since: number | null }[]
      return { visits: row?.visits ?? 0, since: row?.since ?? null }
    },
  }
}

interface Sum {
  readonly day: number
  readonly key: number
  readonly n: number
  readonly ms: number
}

interface RankedSum extends Omit<Sum, 'day'> {
  readonly allN: number
  readonly allMs: number
  readonly keys: number
  readonly word: string | null
}

function toDays(sums: readonly Sum[]): DayNumbers[] {
  const days = new Map<number, DayNumbers>()
  const names = Object.entries(counters)
  for (const { day, key, n, ms } of sums) {
    const none = { day: day * dayMs, visits: 0, visitors: 0, sessions: 0, pages: 0, events: 0, activeMs: 0 }
    const name = names.find(([, one]) => one === key)?.[0]
    if (name === undefined || (!n && !ms)) continue
    days.set(day, { ...(days.get(day) ?? none), [name]: n, ...(key === counters.pages && { activeMs: ms }) })
  }
  return [...days.values()]
}

// Of rows with the same count, the database may have cut any. Those that it has left are in the order of their texts.
function toRanking(sums: readonly RankedSum[], by: 'count' | 'activeMs'): Ranking {
  const rows = sums.map(({ word, n, ms }) => ({ key: word ?? '', count: n, activeMs: ms }))
  const [first] = sums
  return {
    rows: rows.sort((a, b) => b[by] - a[by] || (isTextAfter(a.key, b.key) ? 1 : -1)),
    count: first?.allN ?? 0,
    activeMs: first?.allMs ?? 0,
    keys: first?.keys ?? 0,
  }
}
