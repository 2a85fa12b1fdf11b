import Database from 'better-sqlite3'
import { describe, expect, it } from 'vitest'
import { toRef } from '../../src/numbers/digest.js'
import type { SessionPart, SessionQuery } from '../../src/store/numbers.js'
import { maxListedLooked } from '../../src/store/numbers-limits.js'
import { columnsOf } from '../../src/store/numbers-tables.js'
import { databasePath, noon, sqliteStore } from '../helpers/collector.js'

describe('a site with more sessions than a request looks at', () => {
  it('lists those of one identity in parts, each once, in any order', async () => {
    const path = databasePath()
    const store = await sqliteStore(path)
    const db = new Database(path)
    const { all } = columnsOf('listed')
    const insert = db.prepare(`INSERT INTO listed (${all.join()}) VALUES (${all.map(() => '?').join()})`)
    const count = maxListedLooked + 500
    db.exec('BEGIN')
    for (let n = 0; n < count * 1.2; n++) {
      const [visitID, sessionID] = [`visit-${n}`, `session-${n}`]
      const times = { startDate: noon - (n % 1000), endDate: noon, lastActivity: noon + (n % 7) }
      const more = { endReason: '', idleAt: noon, complete: 1, automated: 0, entry: 0, exit: 0 }
      const identityId = n < count ? 'busy' : 'other'
      const ref = toRef('default', visitID, sessionID)
      const counts = { duration: n % 100, pages: n % 10, events: 0 }
      const row = { site: 'default', ref, visitID, sessionID, identityId, ...times, ...counts, ...more }
      insert.run(...all.map(name => row[name as keyof typeof row]))
    }
    db.exec('COMMIT')
    db.close()
    const { numbers } = store.of('default')
    for (const [order, isDescending] of [
      ['start', true],
      ['start', false],
      ['duration', true],
      ['pages', false],
    ] as const) {
      const query: SessionQuery = { identityId: 'busy', now: noon, order, isDescending, limit: 1000 }
      const seen: string[] = []
      const values: number[] = []
      let parts = 0
      for (let after: SessionQuery['after'] | null = undefined; after !== null; parts++) {
        const { items, next }: SessionPart = await numbers.sessions({ ...query, ...(after && { after }) })
        expect(items.every(one => one.identityId === 'busy')).toBe(true)
        seen.push(...items.map(one => one.sessionID))
        values.push(...items.map(one => (order === 'start' ? one.startDate : one[order])))
        after = next
      }
      expect([order, seen.length, new Set(seen).size]).toEqual([order, count, count])
      expect(values).toEqual(values.toSorted((a, b) => (isDescending ? b - a : a - b)))
      expect(parts).toBeLessThan(20)
    }
  })
})
