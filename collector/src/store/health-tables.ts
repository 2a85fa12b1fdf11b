/** The step of the SQLite migrations that creates the table of what collectors count. It is published and never changes. */
export const sqliteHealthStep = `
  CREATE TABLE health (
    site TEXT NOT NULL,
    minute INTEGER NOT NULL,
    collector TEXT NOT NULL,
    refusedAt INTEGER NOT NULL,
    counts TEXT NOT NULL,
    PRIMARY KEY (site, minute, collector)
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX health_by_minute ON health (minute);
  `

/** The step of the PostgreSQL migrations that does the same. It is published and never changes. */
export const postgresHealthStep: readonly string[] = [
  `CREATE TABLE sojourn.health (
      "site" text COLLATE "C",
      "minute" bigint,
      "collector" text COLLATE "C",
      "refusedAt" bigint NOT NULL,
      "counts" text NOT NULL,
      PRIMARY KEY ("site", "minute", "collector")
    )`,
  'CREATE INDEX health_by_minute ON sojourn.health ("minute")',
]

/** The tables of the step. On Citus, each node has a copy of them (reference tables). */
export const healthTableNames: readonly string[] = ['health']
