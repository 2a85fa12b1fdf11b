import { isObject, isText, isTime, type Json } from './check.js'
import { retryAfterMaxMs } from './limits.js'
import { type OpenState, parseOpenState } from './open-state.js'

/** What one tab tells the others. */
export interface Message {
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
}

/** Reads a message, which any script of the origin may have sent. What does not have its shape is left out. */
export function parseMessage(value: unknown): Message {
  const { presence, parcels, laterMs, isAsked, here, consent, isDenied, forgotten } = isObject(value)
    ? value
    : ({} as Json)
  return {
    presence: parseOpenState(presence),
    parcels: Array.isArray(parcels) ? parcels.filter(isNote) : [],
    laterMs: isTime(laterMs) ? Math.min(laterMs, retryAfterMaxMs) : 0,
    isAsked: isAsked === true,
    here: isText(here) ? here : '',
    forgotten: isTime(forgotten) ? forgotten : 0,
    consent: isDenied === true ? 'denied' : isText(consent) ? consent : '',
  }
}

function isNote(note: unknown): boolean {
  if (!Array.isArray(note) || !isObject(note[1])) return false
  const dropped = note[1]
  return Object.keys(dropped).every(reason => isTime(dropped[reason]))
}
