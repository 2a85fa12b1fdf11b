import type { Status, Tracker } from './api.js'
import type { Consent } from './options.js'

/**
 * Makes a tracker for where nothing can be kept: on a server, in a runtime without IndexedDB. It answers everything, and does nothing.
 *
 * @param consent what the options say.
 */
export function createInert(consent: Consent): Tracker {
  function nothing(): void {}

  async function none(): Promise<never[]> {
    return []
  }

  function status(): Status {
    return {
      consent,
      made: 0,
      stored: 0,
      owed: 0,
      dropped: {},
      waiting: 0,
      visitID: null,
      sessionID: null,
      identityId: null,
      store: 'none',
      drainer: 'nobody',
      requests: 0,
      retries: 0,
      failures: 0,
      nextAttempt: 0,
      lastError: '',
      errors: {},
    }
  }

  return {
    signIn: nothing,
    signOut: nothing,
    page: nothing,
    track: nothing,
    userInfo: nothing,
    consent: nothing,
    stop: nothing,
    properties: () => nothing,
    onError: () => nothing,
    observe: () => nothing,
    forget: async () => {},
    flush: async () => ({ stored: 0, owed: 0 }),
    status,
    session: async () => undefined,
    events: none,
    pages: none,
    sessions: none,
    visits: none,
    records: none,
  }
}
