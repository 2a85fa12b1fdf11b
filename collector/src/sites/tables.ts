import type { AdminState } from './admin.js'

/** A value of a column. */
export type AdminValue = string | number | null

/** A table of the admin state. The first `keys` columns are its key. */
export interface AdminTable {
  readonly name: string
  readonly columns: readonly string[]
  readonly keys: number
  /** The rows of a part of the state, as lists of values. */
  readonly rowsOf: (state: AdminState) => AdminValue[][]
}

/** What stands in `sites` of a token that covers all sites. No site has this name. */
const everySite = '*'

const tables = [
  makeTable('sites', 'sites', 1, 'name createdAt endsAt keepMs quota'),
  makeTable('write_keys', 'keys', 1, 'key site createdAt endsAt'),
  makeTable('site_origins', 'origins', 2, 'site origin'),
  makeTable('proof_secrets', 'secrets', 2, 'site secret createdAt'),
  makeTable('tokens', 'tokens', 1, 'name digest sites rights createdAt endsAt'),
]

/** All tables of the admin state, besides `admin`, whose only row has the version. */
export const adminTables: readonly AdminTable[] = tables

/** Makes the state of the rows of each table, by the names of the tables. */
export function toAdminState(rows: Readonly<Record<string, readonly AdminValue[][]>>): AdminState {
  const parts = tables.map(({ name, part, columns }) => {
    const toItem = (row: readonly AdminValue[]): object =>
      Object.fromEntries(columns.map((column, place) => [column, fromValue(column, row[place] ?? null)]))
    return [part, (rows[name] ?? []).map(toItem)]
  })
  return Object.fromEntries(parts) as AdminState
}

function toValue(column: string, value: unknown): AdminValue {
  if (column === 'sites') return value === null ? everySite : (value as string[]).join(' ')
  if (column === 'rights') return (value as string[]).join(' ')
  return column === 'quota' && value !== null ? JSON.stringify(value) : (value as AdminValue)
}

function fromValue(column: string, value: AdminValue): unknown {
  if (column === 'sites') return value === everySite ? null : toWords(value)
  if (column === 'rights') return toWords(value)
  return column === 'quota' && value !== null ? JSON.parse(String(value)) : value
}

function toWords(value: AdminValue): string[] {
  return String(value).split(' ').filter(Boolean)
}

function makeTable(name: string, part: keyof AdminState, keys: number, list: string) {
  const columns = list.split(' ')
  const rowsOf = (state: AdminState): AdminValue[][] =>
    state[part].map(row => columns.map(column => toValue(column, (row as unknown as Record<string, unknown>)[column])))
  return { name, part, keys, columns, rowsOf }
}

/** The step of the SQLite migrations that creates the tables. It is published and never changes. */
export const sqliteAdminStep = `
  CREATE TABLE admin (version INTEGER NOT NULL) STRICT;
  INSERT INTO admin VALUES (0);

  CREATE TABLE sites (
    name TEXT NOT NULL PRIMARY KEY,
    createdAt INTEGER NOT NULL,
    endsAt INTEGER,
    keepMs INTEGER,
    quota TEXT
  ) STRICT, WITHOUT ROWID;

  CREATE TABLE write_keys (
    key TEXT NOT NULL PRIMARY KEY,
    site TEXT NOT NULL,
    createdAt INTEGER NOT NULL,
    endsAt INTEGER
  ) STRICT, WITHOUT ROWID;

  CREATE TABLE site_origins (
    site TEXT NOT NULL,
    origin TEXT NOT NULL,
    PRIMARY KEY (site, origin)
  ) STRICT, WITHOUT ROWID;

  CREATE TABLE proof_secrets (
    site TEXT NOT NULL,
    secret TEXT NOT NULL,
    createdAt INTEGER NOT NULL,
    PRIMARY KEY (site, secret)
  ) STRICT, WITHOUT ROWID;

  CREATE TABLE tokens (
    name TEXT NOT NULL PRIMARY KEY,
    digest TEXT NOT NULL,
    sites TEXT NOT NULL,
    rights TEXT NOT NULL,
    createdAt INTEGER NOT NULL,
    endsAt INTEGER
  ) STRICT, WITHOUT ROWID;
  `

/** The step of the PostgreSQL migrations that creates the tables. It is published and never changes. */
export const postgresAdminStep: readonly string[] = [
  'CREATE TABLE sojourn.admin ("version" bigint NOT NULL)',
  'INSERT INTO sojourn.admin VALUES (0)',
  `CREATE TABLE sojourn.sites (
      "name" text COLLATE "C" PRIMARY KEY,
      "createdAt" bigint NOT NULL,
      "endsAt" bigint,
      "keepMs" bigint,
      "quota" text
    )`,
  `CREATE TABLE sojourn.write_keys (
      "key" text COLLATE "C" PRIMARY KEY,
      "site" text COLLATE "C" NOT NULL,
      "createdAt" bigint NOT NULL,
      "endsAt" bigint
    )`,
  `CREATE TABLE sojourn.site_origins (
      "site" text COLLATE "C",
      "origin" text COLLATE "C",
      PRIMARY KEY ("site", "origin")
    )`,
  `CREATE TABLE sojourn.proof_secrets (
      "site" text COLLATE "C",
      "secret" text COLLATE "C",
      "createdAt" bigint NOT NULL,
      PRIMARY KEY ("site", "secret")
    )`,
  `CREATE TABLE sojourn.tokens (
      "name" text COLLATE "C" PRIMARY KEY,
      "digest" text NOT NULL,
      "sites" text NOT NULL,
      "rights" text NOT NULL,
      "createdAt" bigint NOT NULL,
      "endsAt" bigint
    )`,
]

/** The tables of the step. On Citus, each node has a copy of them (reference tables), so that any node can be asked. */
export const adminTableNames: readonly string[] = ['admin', ...adminTables.map(({ name }) => name)]
