const key = 'sojourn-token'

let kept: string | null = null
let isRefused = false
const listeners = new Set<() => void>()

/** The token that was entered in this tab, or `null`. It survives a reload, and ends with the tab. */
export function readToken(): string | null {
  if (kept !== null) return kept
  try {
    kept = sessionStorage.getItem(key)
  } catch {
    // A browser that blocks storage: the token is asked for after each load.
    return null
  }
  return kept
}

/** Keeps the token of this tab. An empty text forgets it. Calls everybody who waits for a token. */
export function keepToken(token: string): void {
  kept = token || null
  isRefused = false
  try {
    if (token) sessionStorage.setItem(key, token)
    else sessionStorage.removeItem(key)
  } catch {
    // As in `readToken`: it is kept in memory.
    kept = token || null
  }
  tell()
}

/** Says that the collector wants a token, or has not taken the present one. */
export function refuseToken(): void {
  if (isRefused) return
  isRefused = true
  tell()
}

/** Whether the collector has asked for a token since the last one was entered. */
export const isTokenRefused = (): boolean => isRefused

/** Calls `listener` when a token is entered, forgotten or refused. @returns the undo. */
export function onToken(listener: () => void): () => void {
  listeners.add(listener)
  return () => listeners.delete(listener)
}

function tell(): void {
  for (const listener of listeners) listener()
}
