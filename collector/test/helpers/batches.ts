import { readdirSync, readFileSync } from 'node:fs'
import { noon } from './collector.js'

/** A golden batch, and the answer that a collector must give. */
export interface Golden {
  readonly name: string
  readonly about: string
  readonly batch: any
  readonly answer: { readonly stored: string[]; readonly refused: [string, string][] }
}

const directory = new URL('../../../conformance/data/', import.meta.url)

/** The golden batches with their example ids. The tests of the tracker use the same ids. */
export const goldens: readonly Golden[] = readdirSync(directory)
  .filter(file => /^v1-.*\.json$/.test(file))
  .map(file => {
    const text = readFileSync(new URL(file, directory), 'utf8')
    const { about, ids, sends } = JSON.parse(text)
    const filled = JSON.stringify(sends[0]).replace(/\{([a-z]+:\d+)\}/g, (whole, name) => ids[name] ?? whole)
    return { name: file.replace(/^v1-|\.json$/g, ''), about, ...JSON.parse(filled) }
  })

/** Finds the golden batch with this name. */
export function golden(name: string): Golden {
  const found = goldens.find(one => one.name === name)
  if (!found) throw new Error(`no golden batch ${name}`)
  return found
}

/** Makes an event on the wire. `more` overrides its simple default fields. */
export function wireEvent(eventID: string, more: object = {}): object {
  return { eventID, eventName: 'Search', timestamp: noon, writer: 'writer-1', seq: 1, ...more }
}

/** Makes a batch on the wire with one session. */
export function wireBatch(events: readonly object[], session: object = {}, visit: object = {}): any {
  return {
    v: 1,
    sentAt: noon,
    visits: [{ visitID: 'visit-1', globalVisitID: 'browser-1', startDate: noon, events: [], pages: [], ...visit }],
    sessions: [
      {
        sessionID: 'session-1',
        identityId: 'user-42',
        visitID: 'visit-1',
        startDate: noon,
        endDate: 0,
        pages: [],
        events,
        ...session,
      },
    ],
  }
}
