import { cancel, later, wait } from './browser/clock.js'
import { countDrop } from './counts.js'
import type { Call, NewCall } from './record/call.js'
import { maxPendingCalls, maxPendingChars, openTimeoutMs } from './record/limits.js'
import { createRecording, type Recording, type RecordingNeeds } from './recording.js'
import { createDatabase } from './store/database.js'
import { createIndexed } from './store/indexed.js'
import { databaseName } from './store/schema.js'
import { underTest } from './under-test.js'

/** What the task that starts the tracker needs: the calls that wait, and the database. Everything else comes later. */
export interface Start {
  /** Opens the database. Until then calls wait in memory. They wait until there is a recording, too. */
  open(): void
  /**
   * Takes a call.
   *
   * @param data JSON text, or empty.
   * @param passive whether no person has done it.
   * @param isFirst whether it comes before all calls that wait.
   */
  submit(call: NewCall, data: string, passive?: boolean, isFirst?: boolean): void
  /** How many calls wait. */
  waiting(): number
  /** The recording, built when it is first needed. */
  recording(): Recording
  /**
   * Takes no calls any more. What was called before is recorded at once, as soon as it is known what is open. Then the
   * database is let go.
   *
   * @returns settles when that is done.
   */
  stop(): Promise<void>
  /** Gives away the calls that wait for consent, because the next start of the tracker takes them. Later it gives none. */
  held(): Call[]
  /** Takes no calls any more, and lets go of the database. Gives the calls that wait. */
  end(): readonly Call[]
}

/** What a start needs. */
export interface StartNeeds extends Omit<RecordingNeeds, 'calls' | 'database'> {
  /** Whether recording is allowed. The database may be open before that is known. */
  readonly mayRecord: () => boolean
  /** The recording was built. No call is bound yet. */
  readonly onBuild: () => void
  /** The calls that waited for consent when the tracker was stopped before. */
  readonly held?: Call[] | undefined
}

/** Makes the start. A page should not wait for more in the task that starts the tracker. */
export function createStart(needs: StartNeeds): Start {
  const { options, counts, now, trouble, onBuild, mayRecord } = needs
  const calls: Call[] = needs.held || []
  if (underTest) underTest.onStart(options.key, calls)
  const parts = {
    name: databaseName(options.key),
    later,
    cancel,
    isWanted: mayRecord,
    isStale: needs.forgotten.isStale,
    onOpen: () => mayRecord() && recording().onOpen(),
    onFail: (cause: unknown) => mayRecord() && recording().onFail(cause),
    onLost: () => mayRecord() && recording().onLost(),
  }
  const database = options.makeStore
    ? options.makeStore(parts)
    : underTest
      ? underTest.connect(parts)
      : createIndexed(createDatabase(parts))
  let built: Recording | undefined
  // Characters of data in the calls that wait.
  let chars = 0
  let isOpened = false
  let isEnded = false
  let isStopped = false
  // Whether a microtask is on its way that binds the calls of this task.
  let isDue = false

  function recording(): Recording {
    if (!built) {
      built = createRecording({ ...needs, calls, database })
      onBuild()
    }
    return built
  }

  function bind(): void {
    isDue = false
    if (built && !isEnded) built.bind()
  }

  return {
    open() {
      if (isOpened) return
      isOpened = true
      database.open()
      void wait(openTimeoutMs).then(() => isEnded || (mayRecord() && recording().onTimeout()))
    },
    submit(call, data, passive, isFirst) {
      if (isEnded || isStopped) return
      // So much in one task: what can be bound need not wait for its end.
      if (calls.length >= maxPendingCalls) bind()
      chars = (calls.length && chars) + data.length
      if (calls.length < maxPendingCalls && chars <= maxPendingChars) {
        const at = isFirst && calls[0] ? calls[0].at : now(!isDue)
        // Fields of its own, because a page may put anything on `Object.prototype`.
        const made = { ...call, id: undefined, at, data, passive }
        if (isFirst) calls.unshift(made)
        else calls.push(made)
      } else {
        chars -= data.length
        counts.made++
        countDrop(counts, 1, isOpened ? 'full' : 'consent')
        trouble('record-dropped', call.verb)
      }
      if (built && built.isLeaving()) bind()
      else if (!isDue && isOpened) {
        isDue = true
        queueMicrotask(bind)
      }
    },
    waiting: () => calls.length,
    recording,
    async stop() {
      isStopped = true
      if (!isOpened || isEnded) return
      await recording().stop()
      database.close()
    },
    held: () => (isOpened ? [] : calls.splice(0)),
    end() {
      isEnded = true
      database.close()
      return calls.splice(0)
    },
  }
}
