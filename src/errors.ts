/**
 * Every code that a {@link TrackerError} can bear; `docs/errors.md` has a sentence for each, at an anchor of that name.
 * The `option-…` codes are thrown by `createTracker`; all others arrive at `onError`.
 */
export type TrackerErrorCode =
  | `option-${string}`
  | 'identity-invalid'
  | 'event-unnamed'
  | 'data-invalid'
  | 'record-too-large'
  | 'record-refused'
  | 'record-dropped'
  | 'record-damaged'
  | 'collector-rejects'
  | 'collector-unreachable'
  | 'store-failed'
  | 'consent-invalid'
  | 'unexpected'

/** What went wrong, as a code that a program can compare; `cause` is what the browser said, where it said something. */
export class TrackerError extends Error {
  readonly code: TrackerErrorCode
  override readonly cause: unknown

  constructor(code: TrackerErrorCode, cause?: unknown) {
    super(cause === undefined ? code : `${code}: ${cause as string}`)
    this.name = 'TrackerError'
    this.code = code
    this.cause = cause
  }
}
