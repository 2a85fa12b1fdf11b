import { hasPrivacySignal } from './browser/lifecycle.js'
import type { TrackerErrorCode } from './errors.js'
import type { Consent } from './options.js'

/** What the consent of one page needs. */
export interface ConsentParts {
  readonly ignorePrivacySignals: boolean
  /** Recording is allowed from now on. `wasDenied`: it was denied before. */
  readonly onGranted: (wasDenied: boolean) => void
  /** Recording is denied from now on. `isTold`: the other tabs must be told. */
  readonly onDenied: (isTold: boolean) => void
  readonly trouble: (code: TrackerErrorCode, cause: unknown) => void
}

/** Knows what the visitor has decided. */
export interface ConsentKeeper {
  state(): Consent
  /** Takes a decision. `isTold` is false for one that another tab has told. */
  set(wanted: Consent, isTold: boolean): void
}

/** Makes the consent of one page. It is `pending` until it is set. */
export function createConsent(parts: ConsentParts): ConsentKeeper {
  const { ignorePrivacySignals, onGranted, onDenied, trouble } = parts
  let state: Consent = 'pending'

  return {
    state: () => state,
    set(wanted, isTold) {
      const next = hasPrivacySignal() && !ignorePrivacySignals ? 'denied' : wanted
      const before = state
      if (next === before) return
      if (next === 'pending') return trouble('consent-invalid', before)
      state = next
      if (next === 'granted') onGranted(before === 'denied')
      else onDenied(isTold)
    },
  }
}
