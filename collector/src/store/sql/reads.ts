import type { CollectorStore, Range } from '../store.js'
import { type Items, type Listed, type Select, type Speech, toSelect, toSelectOne, toSelectSignedIn } from './select.js'

/** The half of a store that is asked, and the same in every database. */
export type Reads = Pick<
  CollectorStore,
  'session' | 'visit' | 'page' | 'identity' | 'isSignedIn' | 'events' | 'pages' | 'sessions' | 'visits' | 'identities'
>

/** @param ask runs a query; resolves with its rows, as items. */
export function createReads(speech: Speech, ask: (select: Select) => Promise<object[]>): Reads {
  async function all<L extends Listed>(listed: L, filter: object, range?: Range): Promise<readonly Items[L][]> {
    return (await ask(toSelect(speech, listed, filter, range))) as unknown as readonly Items[L][]
  }
  async function one<L extends Listed>(listed: L, id: string): Promise<Items[L] | null> {
    const [found] = (await ask(toSelectOne(speech, listed, id))) as unknown as readonly Items[L][]
    return found ?? null
  }

  return {
    session: id => one('sessions', id),
    visit: id => one('visits', id),
    page: id => one('pages', id),
    identity: id => one('identities', id),
    isSignedIn: async (identityId, since) => (await ask(toSelectSignedIn(speech, identityId, since))).length > 0,
    events: (filter, range) => all('events', filter, range),
    pages: (filter, range) => all('pages', filter, range),
    sessions: (filter, range) => all('sessions', filter, range),
    visits: (filter, range) => all('visits', filter, range),
    identities: (filter, range) => all('identities', filter, range),
  }
}
