import type { Value } from '../tables.js'

/** A statement of a change, with a value for each `?`. It counts what it returns: nothing without RETURNING. */
export interface ChangeStatement {
  readonly sql: string
  readonly values: readonly Value[]
  /** If it returns no row, the unit to which it belongs changes nothing. */
  readonly must?: boolean
  /** Whether the same text comes again and again, so that it pays to prepare it by name. */
  readonly isKept?: boolean
}

/** Statements that belong together: all or nothing. */
export type Unit = readonly ChangeStatement[]

/**
 * How many rows each statement of a unit has returned; `null` if a `must` has returned none.
 */
export type UnitResult = readonly number[] | null

/**
 * Runs units, one after the other. When it resolves, they are on disk. The units of one call may share a transaction, so
 * that a failure may undo all of them.
 */
export type Change = (units: readonly Unit[]) => Promise<readonly UnitResult[]>

/** What the SQL for the rights of persons needs of a database. */
export interface RightsDatabase {
  /** What stands before the name of a table, such as `sojourn.`. */
  readonly schema: string
  /** What a `SELECT` ends with that locks its rows until the end of the unit; empty if units run alone anyway. */
  readonly lock: string
  /** What stands after a text column that makes it compare by bytes, as JavaScript does; see `SqlDialect`. */
  readonly byBytes: string
  /** Whether identities and sessions are apart, so that one statement cannot see both. */
  readonly isDistributed: boolean
  /** Whether a statement takes many rows as one JSON text, which PostgreSQL parses faster than a value for each `?`. */
  readonly takesJson: boolean
  readonly all: (sql: string, values: readonly Value[]) => Promise<readonly object[]>
  readonly change: Change
  /** Lets other work of the process go on, if nothing else does. */
  readonly rest: () => Promise<void>
  /** Resolves when no transaction is under way that began before the call. */
  readonly settle: () => Promise<void>
}
