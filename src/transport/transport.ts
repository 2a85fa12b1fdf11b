import type { Answer } from '../record/batch.js'

/** What became of a batch. Expected trouble is a value, and the compiler makes the outbox handle each. */
export type Outcome =
  /** The collector has read the batch. It names what is on its disk, what it refuses and what is gone. */
  | { readonly is: 'answered'; readonly answer: Answer }
  /** 429 or 503: not now. Try again after so many ms at the earliest. */
  | { readonly is: 'later'; readonly status: number; readonly retryAfterMs: number }
  /** 413: halve the batch. `isForeign`: not in the collector's words, so a proxy may say it to everything. */
  | { readonly is: 'too-large'; readonly isForeign: boolean }
  /** 400 in the collector's own words: it cannot read something in the batch. Find it by bisection. */
  | { readonly is: 'malformed' }
  /** 401, 403, 404: wrong key, origin or address. Trying again changes nothing. */
  | { readonly is: 'rejected'; readonly status: number }
  /** No network, a timeout, another status, a 200 that is no answer. Nothing is known, so everything stays owed. */
  | { readonly is: 'unknown'; readonly cause: unknown }

/** How a batch leaves the page. */
export interface Transport {
  /**
   * Sends, and tells what became of the batch. Never rejects. A batch that the signal stopped is `unknown`. With the reason
   * `true` the signal stops every request, else only one that cannot outlive the page.
   */
  send(body: string, signal: AbortSignal): Promise<Outcome>
  /** Sends from a closing page and never learns the answer. @returns false if the browser refuses at once. */
  copy(body: string): boolean
  /** How many bytes `copy` may send now: the browser limits what all requests of a closing page weigh together. */
  room(): number
}
