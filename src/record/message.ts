import { isCounted, isObject, isText, isTime, type Json } from './check.js'
import { retryAfterMaxMs } from './limits.js'
import { type OpenState, parseOpenState } from './open-state.js'

/** What one tab tells the others. */
export interface Message extends News {
  /** The open state has changed. The field is named as in version 0.1, whose pages may be listening. */
  readonly presence?: OpenState | undefined
  /** Parcels that are settled: key, and how many of the records were dropped, by reason. */
  readonly parcels?: readonly (readonly [key: string, dropped: Readonly<Record<string, number>>])[]
  /** The collector has asked this device to wait so long, ms. */
  readonly laterMs?: number
  /** Which pages live? Each of them answers with the id of its page load, in `here`. */
  readonly isAsked?: boolean
  readonly here?: string
  /** What the visitor has decided: `granted`, `denied`, or `pending` to forget it. Empty: nothing. */
  readonly consent?: string
  /** When the visitor was forgotten, Unix epoch, ms; 0: this message does not say so. */
  readonly forgotten?: number
  /** `consent` is `denied`. Pages of version 0.1 know this field alone. */
  readonly isDenied?: boolean
  /** A tab observes what happens in all tabs. From now on each of them tells its news. */
  readonly isWatched?: boolean
}

/** What a tab has made, and what has become of records. It is told to the other tabs only if one of them observes. */
export interface News {
  /** Texts of parcels, and ids of records that were told before. */
  readonly news?: readonly unknown[]
  /** The fate of these records. Empty: owed, as far as nothing else is known. */
  readonly fate?: string
}

/** Reads a message, which any script of the origin may have sent. What does not have its shape is left out. */
export function parseMessage(value: unknown): Message {
  const { presence, parcels, laterMs, isAsked, here, consent, isDenied, forgotten, isWatched, news, fate } = isObject(
    value,
  )
    ? value
    : ({} as Json)
  return {
    presence: parseOpenState(presence),
    parcels: toList(parcels).filter(isNote),
    laterMs: isTime(laterMs) ? Math.min(laterMs, retryAfterMaxMs) : 0,
    isAsked: isAsked === true,
    here: isText(here) ? here : '',
    forgotten: isCounted(forgotten) ? forgotten : 0,
    isWatched: isWatched === true,
    news: toList(news),
    fate: isText(fate) ? fate : '',
    consent: isDenied === true ? 'denied' : isText(consent) ? consent : '',
  }
}

function toList(value: unknown): unknown[] {
  return Array.isArray(value) ? value : []
}

function isNote(note: unknown): note is NonNullable<Message['parcels']>[number] {
  if (!Array.isArray(note) || !isObject(note[1])) return false
  const dropped = note[1]
  return Object.keys(dropped).every(reason => isTime(dropped[reason]))
}
