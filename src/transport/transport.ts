import type { Answer } from '../record/batch.js'

/** What became of a batch. Expected trouble is a value, and the compiler makes the outbox handle each. */
export type Outcome =
  /** The collector read it, and names what is on disk, what it refuses, what is gone. */
  | { readonly is: 'answered'; readonly answer: Answer }
  /** 429 or 503: not now; at the earliest after so many ms. */
  | { readonly is: 'later'; readonly status: number; readonly retryAfterMs: number }
  /** 413: halve it. `isForeign`: not in the collector's words, so that it may be a proxy's word to everything. */
  | { readonly is: 'too-large'; readonly isForeign: boolean }
  /** 400 in the collector's own words: it cannot read something in it; find it by bisection. */
  | { readonly is: 'malformed' }
  /** 401, 403, 404: wrong key, origin or address; trying again changes nothing. */
  | { readonly is: 'rejected'; readonly status: number }
  /** No network, a timeout, another status, a 200 that is not an answer: nothing is known, so everything stays owed. */
  | { readonly is: 'unknown'; readonly cause: unknown }

/** How a batch leaves the page. */
export interface Transport {
  /** Sends, and tells what became of it; never rejects. Stopped by the signal it is `unknown`. */
  send(body: string, signal: AbortSignal): Promise<Outcome>
  /** Sends from a closing page and never learns the answer; false if the browser refuses at once. */
  copy(body: string): boolean
}
