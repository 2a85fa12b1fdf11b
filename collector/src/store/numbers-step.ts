/** The step of the SQLite migrations that creates the tables of what is counted. It is published and never changes. */
export const sqliteNumbersStep = `
  CREATE TABLE changed (
      site TEXT NOT NULL,
      visitID TEXT NOT NULL,
      since INTEGER NOT NULL,
      n INTEGER NOT NULL,
      PRIMARY KEY (site, visitID)
    ) STRICT, WITHOUT ROWID;
  CREATE TABLE digests (
      site TEXT NOT NULL,
      visitID TEXT NOT NULL,
      text TEXT NOT NULL,
      PRIMARY KEY (site, visitID)
    ) STRICT, WITHOUT ROWID;
  CREATE TABLE totals (
      site TEXT NOT NULL,
      dim INTEGER NOT NULL,
      parent INTEGER NOT NULL,
      day INTEGER NOT NULL,
      key INTEGER NOT NULL,
      automated INTEGER NOT NULL,
      n INTEGER NOT NULL,
      ms INTEGER NOT NULL,
      PRIMARY KEY (site, dim, parent, day, key, automated)
    ) STRICT, WITHOUT ROWID;
  CREATE TABLE words (
      site TEXT NOT NULL,
      id INTEGER NOT NULL,
      n INTEGER NOT NULL,
      text TEXT NOT NULL,
      PRIMARY KEY (site, id)
    ) STRICT, WITHOUT ROWID;
  CREATE TABLE visitors (
      site TEXT NOT NULL,
      day INTEGER NOT NULL,
      automated INTEGER NOT NULL,
      who INTEGER NOT NULL,
      n INTEGER NOT NULL,
      PRIMARY KEY (site, day, automated, who)
    ) STRICT, WITHOUT ROWID;
  CREATE TABLE listed (
      site TEXT NOT NULL,
      ref INTEGER NOT NULL,
      visitID TEXT NOT NULL,
      sessionID TEXT NOT NULL,
      identityId TEXT NOT NULL,
      startDate INTEGER NOT NULL,
      endDate INTEGER NOT NULL,
      lastActivity INTEGER NOT NULL,
      duration INTEGER NOT NULL,
      endReason TEXT NOT NULL,
      idleAt INTEGER NOT NULL,
      pages INTEGER NOT NULL,
      events INTEGER NOT NULL,
      complete INTEGER NOT NULL,
      automated INTEGER NOT NULL,
      entry INTEGER NOT NULL,
      exit INTEGER NOT NULL,
      PRIMARY KEY (site, ref)
    ) STRICT, WITHOUT ROWID;
  CREATE TABLE marks (
      site TEXT NOT NULL,
      mark INTEGER NOT NULL,
      startDate INTEGER NOT NULL,
      ref INTEGER NOT NULL,
      automated INTEGER NOT NULL,
      first INTEGER NOT NULL,
      last INTEGER NOT NULL,
      PRIMARY KEY (site, mark, startDate, ref)
    ) STRICT, WITHOUT ROWID;
  CREATE TABLE folds (
      site TEXT NOT NULL,
      n INTEGER NOT NULL,
      PRIMARY KEY (site)
    ) STRICT, WITHOUT ROWID;
  CREATE INDEX listed_in_order ON listed (site, startDate, ref);
  CREATE INDEX listed_by_duration ON listed (site, duration, ref);
  CREATE INDEX listed_by_activity ON listed (site, lastActivity, ref);
  CREATE INDEX listed_by_pages ON listed (site, pages, ref);
  CREATE INDEX listed_by_events ON listed (site, events, ref);
  CREATE INDEX listed_of_identity ON listed (site, identityId, startDate, ref);
  INSERT INTO changed (site, visitID, since, n) SELECT site, visitID, receivedAt, 1 FROM visits;
  `

/** The step of the PostgreSQL migrations that does the same. It is published and never changes. */
export const postgresNumbersStep: readonly string[] = [
  `CREATE TABLE sojourn.changed (
    "site" text COLLATE "C" NOT NULL,
    "visitID" text NOT NULL,
    "since" bigint NOT NULL,
    "n" bigint NOT NULL,
    PRIMARY KEY ("site", "visitID")
  )`,
  `CREATE TABLE sojourn.digests (
    "site" text COLLATE "C" NOT NULL,
    "visitID" text NOT NULL,
    "text" text COLLATE "C" NOT NULL,
    PRIMARY KEY ("site", "visitID")
  )`,
  `CREATE TABLE sojourn.totals (
    "site" text COLLATE "C" NOT NULL,
    "dim" bigint NOT NULL,
    "parent" bigint NOT NULL,
    "day" bigint NOT NULL,
    "key" bigint NOT NULL,
    "automated" bigint NOT NULL,
    "n" bigint NOT NULL,
    "ms" bigint NOT NULL,
    PRIMARY KEY ("site", "dim", "parent", "day", "key", "automated")
  )`,
  `CREATE TABLE sojourn.words (
    "site" text COLLATE "C" NOT NULL,
    "id" bigint NOT NULL,
    "n" bigint NOT NULL,
    "text" text COLLATE "C" NOT NULL,
    PRIMARY KEY ("site", "id")
  )`,
  `CREATE TABLE sojourn.visitors (
    "site" text COLLATE "C" NOT NULL,
    "day" bigint NOT NULL,
    "automated" bigint NOT NULL,
    "who" bigint NOT NULL,
    "n" bigint NOT NULL,
    PRIMARY KEY ("site", "day", "automated", "who")
  )`,
  `CREATE TABLE sojourn.listed (
    "site" text COLLATE "C" NOT NULL,
    "ref" bigint NOT NULL,
    "visitID" text NOT NULL,
    "sessionID" text COLLATE "C" NOT NULL,
    "identityId" text COLLATE "C" NOT NULL,
    "startDate" bigint NOT NULL,
    "endDate" bigint NOT NULL,
    "lastActivity" bigint NOT NULL,
    "duration" bigint NOT NULL,
    "endReason" text COLLATE "C" NOT NULL,
    "idleAt" bigint NOT NULL,
    "pages" bigint NOT NULL,
    "events" bigint NOT NULL,
    "complete" bigint NOT NULL,
    "automated" bigint NOT NULL,
    "entry" bigint NOT NULL,
    "exit" bigint NOT NULL,
    PRIMARY KEY ("site", "ref")
  )`,
  `CREATE TABLE sojourn.marks (
    "site" text COLLATE "C" NOT NULL,
    "mark" bigint NOT NULL,
    "startDate" bigint NOT NULL,
    "ref" bigint NOT NULL,
    "automated" bigint NOT NULL,
    "first" bigint NOT NULL,
    "last" bigint NOT NULL,
    PRIMARY KEY ("site", "mark", "startDate", "ref")
  )`,
  `CREATE TABLE sojourn.folds (
    "site" text COLLATE "C" NOT NULL,
    "n" bigint NOT NULL,
    PRIMARY KEY ("site")
  )`,
  `CREATE INDEX listed_in_order ON sojourn.listed ("site", "startDate", "ref")`,
  `CREATE INDEX listed_by_duration ON sojourn.listed ("site", "duration", "ref")`,
  `CREATE INDEX listed_by_activity ON sojourn.listed ("site", "lastActivity", "ref")`,
  `CREATE INDEX listed_by_pages ON sojourn.listed ("site", "pages", "ref")`,
  `CREATE INDEX listed_by_events ON sojourn.listed ("site", "events", "ref")`,
  `CREATE INDEX listed_of_identity ON sojourn.listed ("site", "identityId", "startDate", "ref")`,
]

/** The step after it: visits that were stored before are counted in the background. */
export const postgresNumbersRows: readonly string[] = [
  `INSERT INTO sojourn.changed (site, "visitID", since, n) SELECT site, "visitID", "receivedAt", 1 FROM sojourn.visits`,
]
