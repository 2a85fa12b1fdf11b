/**
 * The codes of a {@link TrackerError}. `createTracker` throws the `option-…` codes. All others go to `onError`.
 * `docs/errors.md` explains each code at an anchor of that name.
 *
 * - `option-<name>`: this option is wrong.
 * - `identity-invalid`: `signIn` needs a string of 1 to 512 characters, or a number.
 * - `proof-invalid`: the proof of `signIn` is no text of 1 to 2,048 characters that a token may have. It was left out.
 * - `event-unnamed`: `track` needs a name of 1 to 1,024 characters that no system event has.
 * - `data-invalid`: something in the data has no form in JSON. The rest was recorded. The cause has the paths.
 * - `record-too-large`: the data is larger than 120 KiB of JSON. The call was recorded without it.
 * - `record-refused`: the collector refused records, and will not take them later.
 * - `record-dropped`: the tracker dropped records. `status().dropped` has the reason.
 * - `session-erased`: the collector has erased the person who is signed in. The session has ended on this device.
 * - `record-damaged`: records in storage could not be read.
 * - `collector-rejects`: the collector answered 401, 403 or 404. The records stay owed.
 * - `collector-unreachable`: the first failure of a series. The records stay owed, and the tracker tries again.
 * - `transport-failed`: the option `transport` has thrown, rejected, not answered in 30 s, or given no outcome. The records
 *   stay owed, and the tracker tries again.
 * - `store-failed`: IndexedDB or the option `store` failed. Memory and localStorage keep the records.
 * - `consent-invalid`: `consent` needs `pending`, `granted` or `denied`. What held before still holds.
 * - `hook-failed`: an option that is a function has thrown. What it was asked about is recorded without it. Or a listener
 *   of `observe` has thrown.
 * - `option-unknown`: there is no option of this name. The error names the nearest one.
 * - `stopped`: a verb was called after `stop()`, so it had no effect.
 * - `unexpected`: a defect of the tracker.
 */
export type TrackerErrorCode =
  | `option-${string}`
  | 'identity-invalid'
  | 'proof-invalid'
  | 'event-unnamed'
  | 'data-invalid'
  | 'record-too-large'
  | 'record-refused'
  | 'record-dropped'
  | 'record-damaged'
  | 'session-erased'
  | 'collector-rejects'
  | 'collector-unreachable'
  | 'transport-failed'
  | 'store-failed'
  | 'consent-invalid'
  | 'hook-failed'
  | 'stopped'
  | 'unexpected'

/**
 * An error of the tracker. Its message is the code, followed by the cause if there is one.
 *
 * @example
 * tracker.onError(({ code, cause }) => {
 *   if (code === 'collector-rejects') report(cause)
 * })
 */
export class TrackerError extends Error {
  /** Says what went wrong. A program can compare it. */
  readonly code: TrackerErrorCode
  /** The error of the browser, the wrong value, or a detail of the code. `undefined` if nothing more is known. */
  override readonly cause: unknown

  constructor(code: TrackerErrorCode, cause?: unknown) {
    super(cause === undefined ? code : `${code}: ${toText(cause)}`)
    this.code = code
    this.cause = cause
  }

  // No field, because an assignment throws where the page has frozen `Error.prototype`.
  override get name(): string {
    return 'TrackerError'
  }
}

/** A text for any value: a symbol has none in a template, and an object without a prototype has none at all. */
export function toText(cause: unknown): string {
  try {
    return String(cause)
  } catch {
    return typeof cause
  }
}
