// The part of better-sqlite3 that the SQLite store uses. The package contains no types.
declare module 'better-sqlite3' {
  type Value = string | number | null

  interface Statement {
    run(...values: readonly Value[]): { readonly changes: number }
    get(...values: readonly Value[]): Record<string, Value> | undefined
    all(...values: readonly Value[]): Record<string, Value>[]
    /** Whether it returns rows. Only such a statement can be run with `all` and `get`. */
    readonly reader: boolean
    /** From now on, returns rows as lists of values. */
    raw(): this
  }

  class Database {
    constructor(path: string, options?: { readonly readonly?: boolean; readonly timeout?: number })
    prepare(sql: string): Statement
    exec(sql: string): this
    pragma(source: string, options: { readonly simple: true }): Value
    function(name: string, options: { readonly deterministic: boolean }, run: (value: Value) => Value): this
    transaction<A extends unknown[], R>(run: (...args: A) => R): { (...args: A): R; immediate(...args: A): R }
    close(): this
  }

  export default Database
}
