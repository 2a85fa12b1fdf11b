import type Database from 'better-sqlite3'
import { type AddedCounts, createAddedCount } from '../added.js'
import { joinRows, type Row, type Table, tables, type Value } from '../tables.js'

/**
 * Makes a function that writes the rows of a group, a list for each of `tables`, and marks the visits that have changed. It
 * returns how many events were new.
 */
export function createWriters(db: Database): (rows: readonly (readonly Row[])[]) => AddedCounts {
  const writers = tables.map(table => createWriter(db, table))
  const isOfVisits = tables.map(({ columns }) => columns[1] === 'visitID')
  const change = db.prepare(
    'INSERT INTO changed VALUES (?, ?, ?, 1) ON CONFLICT (site, visitID) DO UPDATE SET n = n + 1',
  )
  const receivedAt = visits.columns.indexOf('receivedAt')

  return rows => {
    // A replay changes nothing, so that nothing has to be counted anew.
    const changed = new Map<string, Set<string>>()
    const added: AddedCounts = new Map()
    const countAdded = createAddedCount(added, rows)
    rows.forEach((some, place) => {
      const [write, isMarked] = [writers[place], isOfVisits[place]]
      for (const row of some) {
        const written = write?.(row) ?? 'same'
        if (written !== 'same' && isMarked) mark(changed, row[0] as string, row[1] as string)
        if (written === 'new' && place === eventsPlace) countAdded(row)
      }
    })
    for (const row of rows[tables.indexOf(visits)] ?? [])
      if (changed.get(row[0] as string)?.has(row[1] as string))
        change.run(row[0] as Value, row[1] as Value, row[receivedAt] as Value)
    return added
  }
}

const eventsPlace = tables.findIndex(({ name }) => name === 'events')

const visits = tables.find(({ name }) => name === 'visits') as Table

function mark(changed: Map<string, Set<string>>, site: string, visitID: string): void {
  const known = changed.get(site)
  if (known) known.add(visitID)
  else changed.set(site, new Set([visitID]))
}

/**
 * Makes a function that writes one row: inserts it, joins it with the stored row, or skips it if nothing changes. It returns
 * what has become of it.
 */
export function createWriter(db: Database, table: Table): (row: Row) => 'new' | 'changed' | 'same' {
  const { name, columns, keys } = table
  const key = columns.slice(0, keys)
  const [list, marks] = [columns.join(), columns.map(() => '?').join()]
  const where = `WHERE ${key.map(one => `${one} = ?`).join(' AND ')}`
  const insert = db.prepare(`INSERT INTO ${name} (${list}) VALUES (${marks}) ON CONFLICT DO NOTHING`)
  const select = db.prepare(`SELECT ${list} FROM ${name} ${where}`).raw()
  // One statement for each set of changed columns. Setting a column rewrites its indexes, even if its value is the
  // same.
  const updates = new Map<string, ReturnType<typeof db.prepare>>()

  function update(sets: string, values: readonly Value[]): void {
    const statement = updates.get(sets) ?? db.prepare(`UPDATE ${name} SET ${sets} ${where}`)
    updates.set(sets, statement)
    statement.run(...values)
  }

  // Replayed rows come one after another. After a row that was stored already, the next row is selected first, because
  // a select costs less than an insert that fails.
  let wasThere = false

  function write(row: Row): 'new' | 'changed' | 'same' {
    if (!wasThere && insert.run(...row).changes) return 'new'
    const keyValues = row.slice(0, keys)
    const before = select.get(...keyValues) as unknown as Row | undefined
    wasThere = before !== undefined
    if (!before) {
      insert.run(...row)
      return 'new'
    }
    // Most of these rows are replays and equal to the stored row.
    if (row.every((value, place) => before[place] === value)) return 'same'
    const joined = joinRows(table, before, row)
    const changed = columns.map((_, place) => place).filter(place => joined[place] !== before[place])
    if (!changed.length) return 'same'
    const sets = changed.map(place => `${columns[place]} = ?`).join()
    update(sets, [...changed.map(place => joined[place] as Value), ...keyValues])
    return 'changed'
  }

  return write
}
