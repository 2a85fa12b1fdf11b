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

/**
 * How a batch leaves the page: the option `transport` of `createTracker`. A batch is the text of one request,
 * `POST <collector>/v1/sessions?key=<key>` (`docs/protocol.md`); a transport brings it there in any way, and brings back what
 * was answered. It keeps nothing: what no answer has named is sent again.
 *
 * A record is deleted here when `answered` names it, so say that only of what the collector itself has answered. `toOutcome`
 * makes the outcome of an HTTP response. `transportContract` of `sojourn/contracts` checks a transport.
 *
 * @example
 * // A web view whose app sends: `post` resolves with the status and the text of the collector's response.
 * const bridgeTransport: Transport = {
 *   async send(body) {
 *     const { status, text, retryAfter } = await app.post('https://collector.example/v1/sessions?key=shop', body)
 *     return toOutcome(status, text, retryAfter)
 *   },
 *   copy: () => false,
 *   room: () => 0,
 * }
 */
export interface Transport {
  /**
   * Sends, and tells what became of the batch. Batches are sent one after the other. Without an answer after 30 s the
   * tracker takes the outcome for `unknown`. To reject counts as `unknown` too, and is reported (`transport-failed`): a
   * network that fails is expected, so say `unknown`.
   *
   * @param signal aborts when nobody waits any longer. With the reason `true` (30 s are over, or consent is denied)
   * stop the request, if that can be done. Otherwise the page leaves: stop only what cannot outlive it.
   */
  send(body: string, signal: AbortSignal): Promise<Outcome>
  /**
   * Sends a copy of the newest records from a closing page, in the task of the call, and never learns the answer. What was
   * copied stays owed, so a transport that cannot do this loses nothing.
   *
   * @returns false if it is refused at once. Then a smaller copy is tried.
   */
  copy(body: string): boolean
  /**
   * How many bytes `copy` may send now: the browser limits what all requests of a closing page weigh together. More than
   * 60,000 counts as 60,000, and 1,000 or less as nothing.
   */
  room(): number
}
