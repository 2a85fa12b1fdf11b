/** Something that is known or not, and who waits until it is. */
export interface Latch {
  isKnown(): boolean
  /** It is known. Who waits goes on in a microtask. */
  known(): void
  /** It is not known any more. */
  unknown(): void
  /** Settles when it is known. */
  whenKnown(): Promise<void>
}

export function createLatch(): Latch {
  let isKnown = false
  let waiting: (() => void)[] = []
  return {
    isKnown: () => isKnown,
    known() {
      isKnown = true
      const all = waiting
      waiting = []
      for (const resolve of all) resolve()
    },
    unknown() {
      isKnown = false
    },
    whenKnown: () => new Promise(resolve => (isKnown ? resolve() : waiting.push(resolve))),
  }
}
