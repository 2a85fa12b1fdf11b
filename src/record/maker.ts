import type { OwnSession, PageBirth, VisitBirth } from './birth.js'
import { toEventType } from './event.js'
import { toJson } from './json.js'
import type { Run } from './parcel.js'
import { isEnd, toEnd } from './session.js'

/** Where something happened. */
export interface Place {
  readonly visit: VisitBirth
  /** `null`: nobody is signed in. */
  readonly session: OwnSession | null
  /** `null`: on no page. */
  readonly page: PageBirth | null
}

/** What happened there. */
export interface Happening {
  readonly eventName: string
  /** Unix epoch, ms. */
  readonly timestamp: number
  /** JSON text, or empty. */
  readonly data?: string
  /** Id that the record already has; without it the record gets the next one. */
  readonly id?: string | undefined
  /** Whether no person has done it. */
  readonly isPassive?: boolean
}

/** Makes the records of one page load, a run each, and numbers them. */
export interface Maker {
  make(place: Place, happening: Happening): Run
  /** Makes a record of a writer of its own, numbered 1. No other record waits for it, so it may also never be sent. */
  makeApart(place: Place, happening: Happening): Run
  /** A new permanent id for a record. */
  nextId(): string
  /** Whether this page load has made a record. */
  isUsed(): boolean
}

/** @param makeId gives a new unique id of 21 characters or more. */
export function createMaker(makeId: () => string): Maker {
  let writer = makeId()
  // The visit whose records the writer counts.
  let counted = ''
  let seq = 0
  let ids = 0
  const textOf = createTexts()

  function nextId(): string {
    return writer + (++ids).toString(36).padStart(5, '0')
  }

  function toRecord(place: Place, happening: Happening, id: string, by: string, number: number): Run {
    const { visit, session, page } = place
    const { eventName, timestamp, data, isPassive } = happening
    const ends = session && isEnd(eventName) ? toEnd(session.startDate, timestamp) : 0
    // Ids need no escaping. Joining text takes a third of the time of making an object and its JSON.
    const event = `{"eventID":"${id}","eventType":"${toEventType(eventName)}","eventName":${toJson(eventName)},"timestamp":${timestamp},"writer":"${by}","seq":${number}${page ? `,"pageID":"${page.pageID}"` : ''}${data ? `,"data":${data}` : ''}${isPassive ? ',"activity":false' : ''}}`
    return [textOf(visit), textOf(session), textOf(page), by, number, ends, event]
  }

  return {
    make(place, happening) {
      const { visitID } = place.visit
      // A writer counts the records of one visit.
      if (counted !== visitID) {
        if (counted) writer = makeId()
        counted = visitID
        seq = 0
      }
      return toRecord(place, happening, happening.id || nextId(), writer, ++seq)
    },
    makeApart(place, happening) {
      const id = nextId()
      return toRecord(place, happening, id, id, 1)
    },
    nextId,
    isUsed: () => counted !== '',
  }
}

/** Gives the JSON text of a value that never changes, made once; empty for `null`. */
function createTexts(): (value: object | null) => string {
  const texts = new WeakMap<object, string>()
  return value => {
    if (!value) return ''
    let text = texts.get(value)
    if (!text) texts.set(value, (text = toJson(value)))
    return text
  }
}
