import type { AdminState, AdminStore } from './admin.js'
import { type AdminValue, adminTables, toAdminState } from './tables.js'

/** One statement with its values, one for each `?`. */
export interface AdminStatement {
  readonly sql: string
  readonly values: readonly AdminValue[]
}

/** What an SQL database offers to the admin state. */
export interface AdminDatabase {
  /** What stands before the name of a table, such as `sojourn.`. */
  readonly schema: string
  /** The function that makes a JSON list as text of its arguments. */
  readonly toJsonList: (columns: string) => string
  readonly all: (sql: string) => Promise<readonly object[]>
  /**
   * Runs statements in one transaction. The first is an `UPDATE … RETURNING`; if it returns no row, nothing changes.
   *
   * @returns whether the first has returned a row.
   */
  readonly transact: (statements: readonly AdminStatement[]) => Promise<boolean>
}

/** Makes the admin state in the tables of an SQL database. */
export function createSqlAdmin({ schema, toJsonList, all, transact }: AdminDatabase): AdminStore {
  const quoted = (names: readonly string[]): string[] => names.map(name => `"${name}"`)
  const versionRow = `SELECT 'admin' AS part, ${toJsonList('"version"')} AS list FROM ${schema}admin`
  // One statement reads all tables, because it sees them as they were at one moment, in any database.
  const everything = [
    versionRow,
    ...adminTables.map(
      ({ name, columns }) =>
        `SELECT '${name}' AS part, ${toJsonList(quoted(columns).join())} AS list FROM ${schema}${name}`,
    ),
  ].join(' UNION ALL ')

  async function read(): Promise<AdminState & { readonly version: number }> {
    const rows: Record<string, AdminValue[][]> = {}
    for (const row of await all(everything)) {
      const { part, list } = row as { part: string; list: string }
      const known = rows[part] ?? []
      known.push(JSON.parse(list) as AdminValue[])
      rows[part] = known
    }
    return { ...toAdminState(rows), version: Number(rows.admin?.[0]?.[0]) }
  }

  return {
    read,
    async version() {
      const [row] = await all(versionRow)
      return Number((JSON.parse((row as { list: string }).list) as number[])[0])
    },
    async change(decide) {
      for (;;) {
        const { version, ...state } = await read()
        const next = decide(state)
        const step = `UPDATE ${schema}admin SET "version" = "version" + 1 WHERE "version" = ? RETURNING "version"`
        if (await transact([{ sql: step, values: [version] }, ...toStatements(schema, state, next)])) return next
      }
    },
  }
}

/** The statements that make one state of another. */
function toStatements(schema: string, from: AdminState, to: AdminState): AdminStatement[] {
  return adminTables.flatMap(({ name, columns, keys, rowsOf }) => {
    const [before, after] = [rowsOf(from), rowsOf(to)].map(toTexts)
    const where = columns.slice(0, keys).map(one => `"${one}" = ?`)
    const [list, marks] = [columns.map(one => `"${one}"`).join(), columns.map(() => '?').join()]
    const removed = [...(before ?? [])].filter(([text]) => !after?.has(text))
    const added = [...(after ?? [])].filter(([text]) => !before?.has(text))
    return [
      ...removed.map(([, row]) => ({
        sql: `DELETE FROM ${schema}${name} WHERE ${where.join(' AND ')}`,
        values: row.slice(0, keys),
      })),
      ...added.map(([, row]) => ({ sql: `INSERT INTO ${schema}${name} (${list}) VALUES (${marks})`, values: row })),
    ]
  })
}

function toTexts(rows: readonly AdminValue[][]): Map<string, AdminValue[]> {
  return new Map(rows.map(row => [JSON.stringify(row), row]))
}
