/** How many merges a bite of something less urgent lets go first. */
const maxYields = 3

/** Lets what is less urgent wait for merges, which share the only writer. */
export interface MergeWatch {
  readonly watch: (merge: Promise<unknown>) => void
  /** Resolves when no merge is under way, or when some have ended: a file that is always busy keeps nothing waiting for ever. */
  readonly yield: () => Promise<void>
}

/** Begins without a merge. */
export function createMergeWatch(): MergeWatch {
  const running = new Set<Promise<void>>()
  return {
    watch(merge) {
      const end = (): void => void running.delete(ended)
      const ended: Promise<void> = merge.then(end, end)
      running.add(ended)
    },
    async yield() {
      for (let n = 0; n < maxYields && running.size; n++) await Promise.race(running)
    },
  }
}
