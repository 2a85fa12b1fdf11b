// The tables of what is counted. `docs/scale.md` says how they are kept.
//
// - `changed`: visits whose digest is out of date, since when, and how often they have changed since.
// - `digests`: what was counted of each visit, as `numbers/text.ts` writes it.
// - `totals`: sums of digests, by day and (`day` below 0) by block of days.
// - `words`: the texts of the ids in `totals`, and how many digests use each.
// - `visitors`: how many visits of a day an identity was in.
// - `listed`, `marks`: the sessions as they are listed, and by which names and addresses they are found.
// - `folds`: a number for each site that grows whenever something of the others is written.

const columns = {
  changed: 'site visitID since n',
  digests: 'site visitID text',
  totals: 'site dim parent day key automated n ms',
  words: 'site id n text',
  visitors: 'site day automated who n',
  listed:
    'site ref visitID sessionID identityId startDate endDate lastActivity duration endReason idleAt pages events complete automated entry exit',
  marks: 'site mark startDate ref automated first last',
  folds: 'site n',
} as const

/** The name of a table of what is counted. */
export type NumbersTable = keyof typeof columns

const keys: Readonly<Record<NumbersTable, number>> = {
  changed: 2,
  digests: 2,
  totals: 6,
  words: 2,
  visitors: 4,
  listed: 2,
  marks: 4,
  folds: 1,
}

/** The names of the tables of what is counted. */
export const numbersTableNames = Object.keys(columns) as readonly NumbersTable[]

/** The columns of a table, and those of its key. */
export function columnsOf(table: NumbersTable): { readonly all: readonly string[]; readonly key: readonly string[] } {
  const all = columns[table].split(' ')
  return { all, key: all.slice(0, keys[table]) }
}
