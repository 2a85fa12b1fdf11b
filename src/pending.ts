import { maxPendingCalls, maxPendingChars } from './record/limits.js'
import type { Call } from './record/writer.js'
import type { Tail } from './store/tail.js'

/** Calls that wait, in call order, until recording is allowed and this tab knows which visit and session are open. */
export interface Pending {
  /** @returns false if too much waits already: the call is not taken. */
  add(call: Call, isEarly: boolean): boolean
  /** Gives all, and waits for none of them any more. */
  take(): readonly Call[]
  /** From now on early calls are written down as they come; those that wait already are written now. */
  write(): void
  /** Writes the rest down too, for the page goes away. */
  writeAll(): void
  count(): number
}

/** Makes the queue; nothing is written before `write`. */
export function createPending(tail: Tail): Pending {
  let calls: { readonly call: Call; isWritten: boolean; readonly isEarly: boolean }[] = []
  let chars = 0
  let isWriting = false

  function writeIf(isWanted: (isEarly: boolean) => boolean): void {
    for (const one of calls) {
      if (one.isWritten || !isWanted(one.isEarly)) continue
      one.isWritten = true
      tail.add(one.call)
    }
  }
  const write = (): void => writeIf(isEarly => isEarly)

  return {
    add(call, isEarly) {
      if (calls.length >= maxPendingCalls || chars + call.data.length > maxPendingChars) return false
      chars += call.data.length
      const isWritten = isWriting && isEarly
      calls.push({ call, isEarly, isWritten })
      if (isWritten) tail.add(call)
      return true
    },
    take() {
      const taken = calls.map(({ call }) => call)
      calls = []
      chars = 0
      return taken
    },
    write() {
      isWriting = true
      write()
    },
    writeAll: () => writeIf(() => true),
    count: () => calls.length,
  }
}
