import type { Call } from '../record/call.js'
import { type Fact, toFact } from '../record/event.js'
import { eventsOf, type Run, splitProof } from '../record/parcel.js'
import { createWriter, type Writer, type WriterParts } from '../record/writer.js'
import type { DatabaseParts } from '../store/database.js'
import type { Connection, KeyValueStore } from '../store/key-value-store.js'
import { databaseName } from '../store/schema.js'
import type { UnderTest } from '../under-test.js'
import type { OwnClock } from './clock.js'
import { memoryStore } from './memory.js'

/** What the tracker of one key has made. */
interface Made {
  facts: Fact[]
  /** The calls that wait. */
  calls: readonly Call[]
  writer: Writer | undefined
}

/** How a scratch writer makes records. */
export type Rules = Omit<WriterParts, 'makeId' | 'keep' | 'inherited'>

/** The parts of the trackers under test. */
export interface TestParts extends UnderTest {
  /** Everything that was recorded under this key since the last reset. */
  recordsOf(key: string): readonly Fact[]
  /** What the calls that wait would be recorded as now. */
  waitingOf(key: string, rules: Rules): readonly Fact[]
  /** Deletes what is known of that key. */
  reset(key: string): void
  /** Ids begin anew. */
  resetIds(): void
}

/** Makes the parts: a store in memory, and ids and chances that are the same each time. */
export function createTestParts({ beat }: OwnClock): TestParts {
  const all = new Map<string, Made>()
  const stores = new Map<string, KeyValueStore>()
  let ids = 0

  function madeOf(key: string): Made {
    let made = all.get(key)
    if (!made) all.set(key, (made = { facts: [], calls: [], writer: undefined }))
    return made
  }

  function storeOf(name: string): KeyValueStore {
    let store = stores.get(name)
    if (!store) stores.set(name, (store = memoryStore()))
    return store
  }

  function connect({ name, isWanted, isStale, onOpen }: DatabaseParts): Connection {
    let isOpen = false
    let isOpening = false
    let isClosed = false

    function opened(): void {
      if (!isOpening || !isWanted()) return
      if (isStale()) stores.delete(name)
      isOpening = false
      isOpen = true
      beat()
      onOpen()
    }

    function pause(): void {
      isOpen = isOpening = false
    }

    /** Each question is something that happens. */
    async function ask<T>(run: (store: KeyValueStore) => Promise<T>): Promise<T> {
      beat()
      if (!isOpen) throw new Error('the store is not open')
      return run(storeOf(name))
    }

    return {
      kind: 'indexeddb',
      open() {
        if (isClosed || isOpen || isOpening) return
        isOpening = true
        queueMicrotask(opened)
      },
      isOpen: () => isOpen,
      values: {
        keys: (...what) => ask(({ keys }) => keys(...what)),
        read: (...what) => ask(({ read }) => read(...what)),
        write: changes => ask(({ write }) => write(changes)),
        // No database reads in the task of the call.
        change: (keys, decide) => Promise.resolve().then(() => ask(({ change }) => change(keys, decide))),
      },
      pause,
      close() {
        isClosed = true
        pause()
      },
      async purge() {
        isClosed = true
        pause()
        stores.delete(name)
      },
      moveLegacy: async () => 0,
    }
  }

  return {
    connect,
    makeSuffix: () => toSuffix(++ids),
    chance: () => 0.5,
    onRecord(key, run) {
      beat()
      madeOf(key).facts.push(...factsOf(run))
    },
    onStart(key, calls) {
      madeOf(key).calls = calls
      madeOf(key).writer = undefined
    },
    onWriter(key, writer) {
      madeOf(key).writer = writer
    },
    recordsOf: key => madeOf(key).facts,
    waitingOf(key, rules) {
      const { calls, writer } = madeOf(key)
      const facts: Fact[] = []
      let scratchIds = 0
      const scratch = createWriter({
        ...rules,
        // The ids of the tracker must not depend on whether somebody looks.
        makeId: () => `scratch-${toSuffix(++scratchIds)}`,
        keep: run => void facts.push(...factsOf(run)),
      })
      scratch.adopt(writer && writer.openState())
      for (const call of calls) scratch.bind({ ...call, id: call.id || scratch.nextId() })
      return facts
    },
    reset(key) {
      all.delete(key)
      stores.delete(databaseName(key))
    },
    resetIds() {
      ids = 0
    },
  }
}

function toSuffix(count: number): string {
  return count.toString(36).padStart(12, '0')
}

function factsOf(run: Run): Fact[] {
  const [visit, session, page] = run
  return eventsOf(run).map(event => toFact({ visit, session: splitProof(session)[0], page, event }))
}
