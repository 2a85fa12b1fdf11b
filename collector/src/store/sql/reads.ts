import type { Items, Listed } from '../lists.js'
import type { CollectorStore, Range } from '../store.js'
import { type Select, type SqlDialect, toSelect, toSelectOne, toSelectSignedIn } from './select.js'

/** The methods of a store that read. They are the same for every SQL database. */
export type Reads = Pick<
  CollectorStore,
  'session' | 'visit' | 'page' | 'identity' | 'isSignedIn' | 'events' | 'pages' | 'sessions' | 'visits' | 'identities'
>

/**
 * Makes the reads of a store.
 *
 * @param run runs a query and resolves with its rows as items.
 */
export function createReads(dialect: SqlDialect, run: (select: Select) => Promise<object[]>): Reads {
  async function all<L extends Listed>(listed: L, filter: object, range?: Range): Promise<readonly Items[L][]> {
    return (await run(toSelect(dialect, listed, filter, range))) as unknown as readonly Items[L][]
  }
  async function one<L extends Listed>(listed: L, id: string): Promise<Items[L] | null> {
    const [found] = (await run(toSelectOne(dialect, listed, id))) as unknown as readonly Items[L][]
    return found ?? null
  }

  return {
    session: id => one('sessions', id),
    visit: id => one('visits', id),
    page: id => one('pages', id),
    identity: id => one('identities', id),
    isSignedIn: async (identityId, now) => (await run(toSelectSignedIn(dialect, identityId, now))).length > 0,
    events: (filter, range) => all('events', filter, range),
    pages: (filter, range) => all('pages', filter, range),
    sessions: (filter, range) => all('sessions', filter, range),
    visits: (filter, range) => all('visits', filter, range),
    identities: (filter, range) => all('identities', filter, range),
  }
}
