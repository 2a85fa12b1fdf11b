/** A collector that uses the database. */
export interface Running {
  /** Where it listens: the name of its machine and its port. One that is started again has the same. */
  readonly place: string
  /** An id of this start, which no other has. */
  readonly start: string
  /** It counts as running until then, unless it says so again; Unix epoch, ms. */
  readonly until: number
}

/** Knows which collectors use the database. It has nothing of a person, and if it is lost, each says again that it runs. */
export interface RunningStore {
  /** Says that a collector runs. It takes the place of the one that was at its place before. */
  stay(one: Running): Promise<void>
  /** Says that a collector has ended. If another one is at its place by now, that one stays. */
  leave(one: Pick<Running, 'place' | 'start'>): Promise<void>
  /** How many collectors run at a time, Unix epoch, ms. */
  count(at: number): Promise<number>
  /** Forgets the collectors that have not said for a long time that they run. @param until Unix epoch, ms. */
  removeBefore(until: number): Promise<void>
}

/** Keeps them in memory. */
export function createMemoryRunning(): RunningStore {
  const places = new Map<string, Running>()
  return {
    async stay(one) {
      places.set(one.place, one)
    },
    async leave({ place, start }) {
      if (places.get(place)?.start === start) places.delete(place)
    },
    count: async at => [...places.values()].filter(({ until }) => until > at).length,
    async removeBefore(before) {
      for (const { place, until } of places.values()) if (until < before) places.delete(place)
    },
  }
}

/** The step of the SQLite migrations that creates the table. It is published and never changes. */
export const sqliteRunningStep = `
  CREATE TABLE running (
    place TEXT NOT NULL PRIMARY KEY,
    start TEXT NOT NULL,
    until INTEGER NOT NULL
  ) STRICT, WITHOUT ROWID;
  `

/** The step of the PostgreSQL migrations that does the same. It is published and never changes. */
export const postgresRunningStep: readonly string[] = [
  `CREATE TABLE sojourn.running (
      "place" text COLLATE "C" PRIMARY KEY,
      "start" text COLLATE "C" NOT NULL,
      "until" bigint NOT NULL
    )`,
]

/** The tables of the step. On Citus, each node has a copy of them (reference tables). */
export const runningTableNames: readonly string[] = ['running']
