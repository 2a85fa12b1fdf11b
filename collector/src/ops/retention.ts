import { setTimeout as sleep } from 'node:timers/promises'
import { oldPauseMs } from '../limits.js'
import type { SiteRegistry } from '../sites/registry.js'
import type { OldCursor } from '../store/rights.js'
import type { CollectorStore } from '../store/store.js'

/** What retention is made of. */
export interface RetentionParts {
  readonly store: Pick<CollectorStore, 'rights'>
  readonly sites: Pick<SiteRegistry, 'sites'>
  /** Unix epoch, ms. */
  readonly now: () => number
  /** Calls a task again and again. @returns the undo. */
  readonly every: (task: () => void) => () => void
  /** Called with how many visits of a site were removed. */
  readonly onRemoved: (site: string, visits: number) => void
  /** Called with the cause if the store fails. The next round tries again. */
  readonly onError: (cause: unknown) => void
  /** The pause between two bites, ms. @default `oldPauseMs` of `limits.ts` */
  readonly pauseMs?: number
}

/** Removes visits that are older than their site keeps them. Several collectors may do it at the same time. */
export interface Retention {
  /** Looks at all sites once. A round that is under way is waited for instead. */
  readonly round: () => Promise<void>
  /** Ends after the bite under way. */
  readonly stop: () => Promise<void>
}

/** Makes the retention. It begins with the first call of `every`. */
export function createRetention(parts: RetentionParts): Retention {
  const { store, sites, now, every, onRemoved, onError, pauseMs = oldPauseMs } = parts
  let isStopped = false
  let running: Promise<void> | null = null

  async function clean(site: string, before: number): Promise<number> {
    let removed = 0
    for (let after: OldCursor | null = null; !isStopped; ) {
      const { visits, next }: Awaited<ReturnType<typeof store.rights.removeOld>> = await store.rights.removeOld(
        site,
        before,
        after,
      )
      removed += visits
      after = next
      if (!after) break
      await sleep(pauseMs)
    }
    return removed
  }

  async function cleanAll(): Promise<void> {
    for (const { name, keepMs } of sites.sites()) {
      if (keepMs === null || isStopped) continue
      try {
        const removed = await clean(name, now() - keepMs)
        if (removed) onRemoved(name, removed)
      } catch (cause) {
        onError(cause)
      }
    }
  }

  function round(): Promise<void> {
    running ??= cleanAll().finally(() => (running = null))
    return running
  }

  const undo = every(() => void round())
  return {
    round,
    async stop() {
      isStopped = true
      undo()
      await running
    },
  }
}
