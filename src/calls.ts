import type { Call } from './record/call.js'
import { maxPendingCalls, maxPendingChars } from './record/limits.js'

/** Calls that wait in call order until this page may bind them. */
export interface Calls {
  /** @returns false if too many wait already: the call is not taken. */
  add(call: Call): boolean
  first(): Call | undefined
  shift(): void
  /** Gives all, and holds none of them any more. */
  take(): readonly Call[]
  all(): readonly Call[]
  count(): number
}

/** Makes an empty queue. */
export function createCalls(): Calls {
  let calls: Call[] = []
  // How many at the front are bound already. Shifting each would move all others.
  let gone = 0
  let chars = 0

  function take(): Call[] {
    const taken = calls.slice(gone)
    calls = []
    gone = chars = 0
    return taken
  }

  return {
    add(call) {
      if (calls.length - gone >= maxPendingCalls || chars + call.data.length > maxPendingChars) return false
      chars += call.data.length
      calls.push(call)
      return true
    },
    first: () => calls[gone],
    shift() {
      chars -= (calls[gone++] as Call).data.length
      if (gone === calls.length) take()
    },
    take,
    all: () => calls.slice(gone),
    count: () => calls.length - gone,
  }
}
