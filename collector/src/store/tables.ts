import type Database from 'better-sqlite3'
import { type Count, joinPage, joinSession, type Page, type Session } from 'sojourn/record'
import { joinCount, joinRefusal, joinStoredEvent, joinStoredVisit } from './state.js'
import type { StoredEvent, StoredRefusal, StoredVisit } from './store.js'

/** What SQLite gives and takes. */
export type Row = Record<string, string | number | null>

/** Writes one item: new, joined with what is there, or not at all because it says nothing new. */
type Write<T> = (item: T) => void

interface Tables {
  readonly visits: Write<StoredVisit>
  readonly sessions: Write<Session>
  readonly pages: Write<Page>
  readonly events: Write<StoredEvent>
  readonly writers: Write<Count>
  readonly refused: Write<StoredRefusal>
}

const columns: Readonly<Record<keyof Tables, string>> = {
  visits: 'visitID globalVisitID startDate languageCode userAgent lastActivity skew',
  sessions: 'sessionID identityId visitID startDate endDate duration lastActivity',
  pages: 'pageID visitID sessionID identityId url title referrer category startDate endDate lastActivity',
  events: 'eventID eventType eventName category timestamp writer seq url data visitID sessionID pageID serverTimestamp',
  writers: 'visitID writer written dropped',
  refused: 'eventID code visitID',
}

/** Makes the writers of all tables; each is to be called inside a transaction. */
export function createTables(db: Database): Tables {
  function table<T extends object>(name: keyof Tables, keys: number, join: (a: T, b: T) => T): Write<T> {
    const names = columns[name].split(' ')
    const key = names.slice(0, keys)
    const [list, marks] = [names.join(), names.map(() => '?').join()]
    const sets = names.map(one => `${one} = ?`).join()
    const where = `WHERE ${key.map(one => `${one} = ?`).join(' AND ')}`
    const insert = db.prepare(`INSERT INTO ${name} (${list}) VALUES (${marks}) ON CONFLICT DO NOTHING`)
    const select = db.prepare(`SELECT ${list} FROM ${name} ${where}`)
    const update = db.prepare(`UPDATE ${name} SET ${sets} ${where}`)

    return item => {
      const values = toValues(names, item)
      if (insert.run(...values).changes) return
      const keyValues = values.slice(0, keys)
      const before = select.get(...keyValues) as Row
      // A replay, mostly: what came is what is there.
      if (names.every((one, place) => before[one] === values[place])) return
      const joined = toValues(names, join(toItem(before) as T, item))
      if (names.some((one, place) => before[one] !== joined[place])) update.run(...joined, ...keyValues)
    }
  }

  return {
    visits: table('visits', 1, joinStoredVisit),
    sessions: table('sessions', 1, joinSession),
    pages: table('pages', 1, joinPage<Page>),
    events: table('events', 1, joinStoredEvent),
    writers: table('writers', 2, joinCount),
    refused: table('refused', 2, joinRefusal),
  }
}

/** What a row says; only the data of an event is JSON. */
export function toItem(row: Row): object {
  return typeof row.data === 'string' ? { ...row, data: JSON.parse(row.data) as unknown } : row
}

function toValues(names: readonly string[], item: object): (string | number | null)[] {
  return names.map(name => {
    const value = (item as Record<string, unknown>)[name]
    return value !== null && typeof value === 'object' ? JSON.stringify(value) : (value as string | number | null)
  })
}
