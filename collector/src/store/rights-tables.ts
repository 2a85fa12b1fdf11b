/** The step of the SQLite migrations that creates the tables of erasures. It is published and never changes. */
export const sqliteRightsStep = `
  CREATE TABLE erasures (n INTEGER NOT NULL, secret TEXT NOT NULL) STRICT;
  INSERT INTO erasures VALUES (0, '');

  CREATE TABLE erased (
    site TEXT NOT NULL,
    kind TEXT NOT NULL,
    hash TEXT NOT NULL,
    fromAt INTEGER NOT NULL,
    untilAt INTEGER NOT NULL,
    erasedAt INTEGER NOT NULL,
    n INTEGER NOT NULL,
    PRIMARY KEY (site, kind, hash, fromAt)
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX erased_in_order ON erased (n);
  CREATE INDEX visits_by_receipt ON visits (site, receivedAt, visitID);
  `

/** The step of the PostgreSQL migrations that does the same. It is published and never changes. */
export const postgresRightsStep: readonly string[] = [
  'CREATE TABLE sojourn.erasures ("n" bigint NOT NULL, "secret" text NOT NULL)',
  `INSERT INTO sojourn.erasures VALUES (0, '')`,
  `CREATE TABLE sojourn.erased (
      "site" text COLLATE "C",
      "kind" text COLLATE "C",
      "hash" text COLLATE "C",
      "fromAt" bigint,
      "untilAt" bigint NOT NULL,
      "erasedAt" bigint NOT NULL,
      "n" bigint NOT NULL,
      PRIMARY KEY ("site", "kind", "hash", "fromAt")
    )`,
  'CREATE INDEX erased_in_order ON sojourn.erased ("n")',
  'CREATE INDEX visits_by_receipt ON sojourn.visits ("site", "receivedAt", "visitID")',
]

/** The tables of the step. On Citus, each node has a copy of them (reference tables). */
export const rightsTableNames: readonly string[] = ['erasures', 'erased']
