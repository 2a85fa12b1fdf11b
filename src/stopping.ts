import type { Counts } from './counts.js'
import type { Recording } from './recording.js'
import type { Start } from './start.js'

/**
 * The starts that a page has left because it waits for consent again, while they still stop. What they have kept stays on the device
 * for a later page, so it counts as made no more.
 */
export interface Stopping {
  add(start: Start): void
  /** Deletes what they have kept, and ends them. The word may have changed more than once before the first has stopped. */
  purge(...how: Parameters<Recording['purge']>): void
}

export function createStopping(counts: Counts): Stopping {
  /** How many records each owed as it began to stop. Meanwhile some more may be made, and some be stored. */
  const all = new Map<Start, number>()

  return {
    add(start) {
      const recording = start.recording()
      recording.bind()
      const { owed } = recording.state()
      counts.made -= owed
      all.set(start, owed)
      void start.stop().then(function () {
        if (all.delete(start)) counts.made += owed - recording.state().owed
      })
    },
    purge(...how) {
      for (const [start, owed] of all) {
        counts.made += owed
        void start.recording().purge(...how)
        start.end()
      }
      all.clear()
    },
  }
}
