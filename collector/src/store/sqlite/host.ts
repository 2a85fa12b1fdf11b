import { Worker } from 'node:worker_threads'
import type { SqliteHost } from './sqlite.js'
import type { Reply, Task } from './thread.js'

interface Waiting {
  readonly resolve: (value: never) => void
  readonly reject: (cause: Error) => void
}

/**
 * Opens an SQLite file in a thread of its own. Should the thread ever die, what it was asked for fails, and the next
 * question starts another.
 *
 * @throws (rejects) what opening the file throws.
 */
export async function openThread(path: string, thread: URL): Promise<SqliteHost> {
  const waiting = new Map<number, Waiting>()
  let worker: Worker | null = null
  let asked = 0
  let isClosed = false

  function fail(cause: Error): void {
    worker = null
    for (const { reject } of waiting.values()) reject(cause)
    waiting.clear()
  }

  function startWorker(): Worker {
    const started = new Worker(thread, { workerData: path })
    started.on('message', ({ id, value, error }: Reply) => {
      const one = waiting.get(id)
      waiting.delete(id)
      if (error) one?.reject(Object.assign(new Error(error.message), { code: error.code }))
      else one?.resolve(value as never)
    })
    started.on('error', cause => fail(cause as Error))
    started.on('exit', () => {
      if (worker === started) fail(new Error('the thread of the database ended'))
    })
    return started
  }

  function ask<V>(task: Task): Promise<V> {
    if (isClosed) return Promise.reject(new Error('the store is closed'))
    worker ??= startWorker()
    const id = ++asked
    worker.postMessage({ ...task, id })
    return new Promise<V>((resolve, reject) => waiting.set(id, { resolve, reject }))
  }

  await ask<void>({ verb: 'check' }).catch(async cause => {
    await worker?.terminate()
    throw cause
  })
  return {
    merge: rows => ask({ verb: 'merge', rows: JSON.stringify(rows) }),
    all: select => ask({ verb: 'all', select }),
    check: () => ask({ verb: 'check' }),
    async close() {
      if (isClosed) return
      const closing = worker
      if (closing) await ask({ verb: 'close' })
      isClosed = true
      await closing?.terminate()
    },
  }
}
