import { backoffMaxMs, storeRetryMs } from './record/limits.js'

/** What a rest needs. */
export interface RestParts {
  readonly wait: (ms: number) => Promise<void>
  /** The rest is over. */
  readonly onOver: () => void
  readonly trouble: (code: 'store-failed', cause: unknown) => void
}

/** Leaves a database that has failed alone: at first for `storeRetryMs`, then twice as long each time. */
export interface Rest {
  isOn(): boolean
  /** The database has failed. Reported once, until it works again. */
  fail(cause: unknown): void
  /** The database works. */
  succeed(): void
}

export function createRest({ wait, onOver, trouble }: RestParts): Rest {
  let isOn = false
  let isTold = false
  let ms = 0
  return {
    isOn: () => isOn,
    fail(cause) {
      if (!isOn) {
        isOn = true
        ms = Math.min(ms * 2 || storeRetryMs, backoffMaxMs)
        void wait(ms).then(function () {
          isOn = false
          onOver()
        })
      }
      if (!isTold) trouble('store-failed', cause)
      isTold = true
    },
    succeed() {
      isTold = false
      ms = 0
    },
  }
}
