import { Worker } from 'node:worker_threads'
import type { AdminStatement } from '../../sites/sql-admin.js'
import type { AddedCounts } from '../added.js'
import type { Change } from '../sql/change.js'
import type { Select } from '../sql/select.js'
import type { Value } from '../tables.js'
import { type NumberedRows, openFile } from './file.js'
import type { Task, TaskResult } from './thread.js'

/** What has become of a merge. */
export interface Merged {
  readonly n: number
  readonly added: AddedCounts
}

/** Asynchronous access to an open SQLite file, in this thread or in a thread of its own. */
export interface SqliteClient {
  /** @returns the number of the last erasure, and what was new. If it is not that of the rows, nothing was written. */
  readonly merge: (rows: NumberedRows) => Promise<Merged>
  readonly all: (select: Select) => Promise<Record<string, Value>[]>
  readonly transact: (statements: readonly AdminStatement[]) => Promise<boolean>
  readonly change: Change
  /** As that of `SqliteFile`. */
  readonly emptyLog: () => Promise<boolean>
  readonly close: () => Promise<void>
}

/**
 * Opens an SQLite file in this thread.
 *
 * @throws what `openFile` throws.
 */
export function openHere(path: string): SqliteClient {
  const file = openFile(path)
  return {
    merge: async rows => {
      const { n, added } = file.mergeAll([rows])
      return { n, added: added[0] ?? new Map() }
    },
    all: async select => file.all(select),
    transact: async statements => file.transact(statements),
    change: async units => file.change(units),
    emptyLog: async () => file.emptyLog(),
    close: async () => file.close(),
  }
}

interface Waiting {
  readonly resolve: (value: never) => void
  readonly reject: (cause: Error) => void
}

/**
 * Opens an SQLite file in a thread of its own. If the thread ends unexpectedly, its unfinished tasks reject, and the
 * next task starts a new thread.
 *
 * @param thread the file that the thread runs.
 * @throws (rejects) what `openFile` throws.
 */
export async function openInThread(path: string, thread: URL): Promise<SqliteClient> {
  const waiting = new Map<number, Waiting>()
  let worker: Worker | null = null
  let lastID = 0
  let isClosed = false

  function fail(cause: Error): void {
    worker = null
    for (const { reject } of waiting.values()) reject(cause)
    waiting.clear()
  }

  function startWorker(): Worker {
    const started = new Worker(thread, { workerData: path })
    started.on('message', ({ id, value, error }: TaskResult) => {
      const one = waiting.get(id)
      waiting.delete(id)
      if (error) one?.reject(Object.assign(new Error(error.message), { code: error.code }))
      else one?.resolve(value as never)
    })
    started.on('error', cause => fail(cause as Error))
    started.on('exit', () => {
      if (worker === started) fail(new Error('the database thread ended unexpectedly'))
    })
    return started
  }

  function run<V>(task: Task): Promise<V> {
    if (isClosed) return Promise.reject(new Error('the store is closed'))
    worker ??= startWorker()
    const id = ++lastID
    worker.postMessage({ ...task, id })
    return new Promise<V>((resolve, reject) => waiting.set(id, { resolve, reject }))
  }

  await run<void>({ verb: 'check' }).catch(async cause => {
    await worker?.terminate()
    throw cause
  })
  return {
    merge: ({ n, rows }) => run({ verb: 'merge', n, rows: JSON.stringify(rows) }),
    all: select => run({ verb: 'all', select }),
    transact: statements => run({ verb: 'transact', statements }),
    change: units => run({ verb: 'change', units }),
    emptyLog: () => run({ verb: 'emptyLog' }),
    async close() {
      if (isClosed) return
      const closing = worker
      if (closing) await run({ verb: 'close' })
      isClosed = true
      await closing?.terminate()
    },
  }
}
