/** Waits. Resolves after `ms`, or when the signal aborts. */
export type Rest = (ms: number, signal: AbortSignal) => Promise<void>

/** How long a reply waits for what the database says. A probe waits about a second. */
export const answerWithinMs = 800

/**
 * Makes a question that keeps nobody waiting: at most one is under way, and whoever asks meanwhile waits for its answer too.
 *
 * @param ask rejects if there is no answer.
 * @returns a function that resolves with the answer, and with `null` if there is none or if the question has been under way for
 *   `answerWithinMs`. It never rejects.
 */
export function createQuestion<T>(ask: () => Promise<T>, rest: Rest): () => Promise<T | null> {
  let current: Promise<T | null> | null = null

  function begin(): Promise<T | null> {
    const over = new AbortController()
    return new Promise(resolve => {
      function end(answer: T | null): void {
        current = null
        resolve(answer)
        over.abort()
      }
      ask().then(end, () => end(null))
      void rest(answerWithinMs, over.signal).then(() => resolve(null))
    })
  }

  return () => (current ??= begin())
}

/** Waits with a timer, which does not keep the process alive. */
export function rest(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise(resolve => {
    const timer = setTimeout(end, ms).unref()
    signal.addEventListener('abort', end, { once: true })
    function end(): void {
      clearTimeout(timer)
      signal.removeEventListener('abort', end)
      resolve()
    }
  })
}
