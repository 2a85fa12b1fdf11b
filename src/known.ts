import { type Fact, toFact } from './record/event.js'
import type { News } from './record/message.js'
import type { OpenState } from './record/open-state.js'
import { eventsOf, idOf, parseParcel, splitProof } from './record/parcel.js'

/** A record, and what has become of it. */
export interface RecordFate extends Fact {
  /**
   * `owed`: kept on this device. `in-flight`: in a request that is not answered yet. `stored`: the collector has it. Every
   * other word says why it was dropped, as in `status().dropped`.
   */
  readonly fate: string
}

/** What is needed to know of records. */
export interface KnownParts {
  /** Whether somebody observes. Then it is worthwhile to keep what was read. */
  readonly isOn: () => boolean
  readonly openState: () => OpenState
  /** Reads the texts of all parcels that this browser holds. */
  readonly read: () => Promise<readonly [settled: readonly unknown[], owed: readonly unknown[]]>
}

/**
 * Knows the records of this browser that may be shown while this person is signed in. While somebody observes, the store is
 * read once, and then only what this page makes and the other tabs tell is added.
 */
export interface Known {
  /** Gives each record once. Without a change of person it is the same list, which grows. */
  facts(): Promise<readonly RecordFate[]>
  /** Adds what this page or another tab tells. */
  add(news: News): void
  /** The page may have missed something, so the store is read again. */
  readAgain(): void
}

export function createKnown({ isOn, openState, read }: KnownParts): Known {
  let facts: RecordFate[] = []
  let places = new Map<unknown, number>()
  let reading: Promise<void> | undefined
  // Who may be shown these.
  let who: string | null

  function whoIs(): string | null {
    const { session } = openState()
    return session && session.identityId
  }

  /** Notes the fate of a record. @returns whether the record is known. */
  function note(id: unknown, fate: string | undefined): boolean {
    const place = places.get(id)
    if (place === undefined) return false
    if (fate) facts[place] = { ...(facts[place] as RecordFate), fate }
    return true
  }

  function add({ news = [], fate }: News): void {
    for (const one of news) {
      const parsed = parseParcel(one)
      if (!parsed) note(one, fate)
      for (const run of parsed ? parsed.runs : [])
        for (const event of eventsOf(run)) {
          const id = idOf(event)
          if (note(id, fate)) continue
          const fact = toFact({ visit: run[0], session: splitProof(run[1])[0], page: run[2], event })
          if (!fact.session || fact.session.identityId === whoIs())
            places.set(id, facts.push({ ...fact, fate: fate || 'owed' }) - 1)
        }
    }
  }

  async function readAll(): Promise<void> {
    const [settled, owed] = await read()
    add({ news: settled, fate: 'stored' })
    add({ news: owed })
  }

  return {
    async facts() {
      let done = reading
      if (!done || who !== whoIs()) {
        facts = []
        places = new Map()
        who = whoIs()
        done = readAll()
        reading = isOn() ? done : undefined
      }
      await done
      return facts
    },
    add(news) {
      // What nobody has followed is old.
      if (!isOn()) reading = undefined
      if (reading) add(news)
    },
    readAgain() {
      reading = undefined
    },
  }
}
