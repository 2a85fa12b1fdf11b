import type { Status } from './api.js'
import type { Counts } from './counts.js'
import type { Consent } from './options.js'
import type { RecordingState } from './recording-api.js'

/** Makes what `status()` gives. While recording is not allowed nobody is shown. */
export function makeStatus(
  consent: Consent,
  counts: Counts,
  state: RecordingState,
  waiting: number,
  errors: Status['errors'],
): Status {
  const isGranted = consent === 'granted'
  return {
    consent,
    ...counts,
    ...state,
    ...(!isGranted && { visitID: null, sessionID: null, identityId: null }),
    waiting,
    store: isGranted ? state.store : 'none',
    dropped: { ...counts.dropped },
    errors,
  }
}
