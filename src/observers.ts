import { later } from './browser/clock.js'
import type { TrackerErrorCode } from './errors.js'
import { isText } from './record/check.js'
import { toJson } from './record/json.js'

/** Who observes one question. It stays when the tracker is stopped and started again. */
export interface Observer {
  readonly question: unknown
  readonly listener: (answer: never) => void
  /** What the listener was told last; 0: nothing yet. */
  told: unknown
  /** Whether it was reported that the listener has thrown. */
  isReported: boolean
}

/** What observers need. */
export interface ObserverParts {
  /** Everybody who observes in this page. */
  readonly all: Set<Observer>
  /** Answers each question, by its name. */
  readonly answers: object
  readonly isStopped: () => boolean
  readonly trouble: (code: TrackerErrorCode, cause: unknown) => void
}

/** Tells those who observe what has changed. */
export interface Observers {
  /** Adds one who observes. The first answer follows when something calls `changed`. */
  observe(question: unknown, listener: Observer['listener']): () => void
  /** Whether anybody observes. */
  isOn(): boolean
  /** Something may have changed. Those who observe are told in a later task, if it has. */
  changed(): void
}

export function createObservers({ all, answers, isStopped, trouble }: ObserverParts): Observers {
  let isDue = false

  async function update(one: Observer): Promise<void> {
    try {
      const { question, listener } = one
      const [name, id] = isText(question) ? [question] : (Object.entries(question as object)[0] as [string, string])
      const answer = await (answers as Record<string, (id?: string) => unknown>)[name]?.(id)
      // Stopped, or undone meanwhile.
      if (isStopped() || !all.has(one) || isSame(one.told, answer)) return
      one.told = answer
      listener(answer as never)
    } catch (cause) {
      // Once, because to report it changes the status, of which the listener may be told.
      if (!one.isReported) trouble('hook-failed', cause)
      one.isReported = true
    }
  }

  return {
    observe(question, listener) {
      const one: Observer = { question, listener, told: 0, isReported: false }
      if (typeof listener === 'function') all.add(one)
      return () => void all.delete(one)
    },
    isOn: () => all.size > 0,
    changed() {
      if (isDue || !all.size || isStopped()) return
      isDue = true
      later(function () {
        isDue = false
        for (const one of all) void update(one)
      })
    },
  }
}

/** Whether two answers say the same. What was not made anew is not compared. */
function isSame(a: unknown, b: unknown): boolean {
  if (a === b) return true
  if (Array.isArray(a) && Array.isArray(b)) return a.length === b.length && a.every((one, n) => isSame(one, b[n]))
  return toJson(a) === toJson(b)
}
