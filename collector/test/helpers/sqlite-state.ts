import Database from 'better-sqlite3'
import { tables } from '../../src/store/tables.js'
import type { State } from '../contracts/implementation.js'

/** Reads all rows of an SQLite file. */
export function dumpOf(path: string): State {
  const db = new Database(path)
  const all = ({ name }: { name: string }) => db.prepare(`SELECT * FROM ${name} ORDER BY 1, 2, 3`).all()
  const state = Object.fromEntries(tables.map(table => [table.name, all(table)]))
  db.close()
  return state as unknown as State
}
