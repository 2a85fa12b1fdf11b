import { parentPort, workerData } from 'node:worker_threads'
import type { AdminStatement } from '../../sites/sql-admin.js'
import type { Unit } from '../sql/change.js'
import type { Select } from '../sql/select.js'
import { isDataError } from './errors.js'
import { type NumberedRows, openFile, type SqliteFile } from './file.js'

/** A task for the thread. */
export type Task =
  // Rows are sent as JSON, because copying many small values to a thread costs twice as much.
  | { readonly verb: 'merge'; readonly n: number; readonly rows: string }
  | { readonly verb: 'all'; readonly select: Select }
  | { readonly verb: 'transact'; readonly statements: readonly AdminStatement[] }
  | { readonly verb: 'change'; readonly units: readonly Unit[] }
  | { readonly verb: 'check' | 'close' | 'emptyLog' }

/** The result of the task with the same id. */
export interface TaskResult {
  readonly id: number
  readonly value?: unknown
  readonly error?: { readonly message: string; readonly code: string | undefined }
}

type NumberedTask = Task & { readonly id: number }
type Merge = Extract<NumberedTask, { verb: 'merge' }>

let file: SqliteFile | null = null
let merges: Merge[] = []

// The thread runs tasks in the order in which they arrive. Merges that arrive in the same turn of the event loop share
// one commit.
parentPort?.on('message', (task: NumberedTask) => {
  if (task.verb === 'merge') {
    merges.push(task)
    if (merges.length === 1) setImmediate(mergeAll)
    return
  }
  mergeAll()
  respond([task], () => run(task))
})

function mergeAll(): void {
  const all = merges
  merges = []
  if (!all.length) return
  const parts = all.map(({ n, rows }): NumberedRows => ({ n, rows: JSON.parse(rows) }))
  try {
    const { n, added } = open().mergeAll(parts)
    all.forEach(({ id }, place) => parentPort?.postMessage({ id, value: { n, added: added[place] } }))
  } catch (error) {
    // If the data of one merge is the cause, each merge is run alone, so that the others succeed.
    const isOfOne = all.length > 1 && isDataError(error as NodeJS.ErrnoException)
    if (isOfOne)
      for (const [place, task] of all.entries())
        respond([task], () => {
          const { n, added } = open().mergeAll([parts[place] as NumberedRows])
          return { n, added: added[0] }
        })
    else fail(all, error)
  }
}

function run(task: Exclude<NumberedTask, Merge>): unknown {
  if (task.verb === 'all') return open().all(task.select)
  if (task.verb === 'change') return open().change(task.units)
  return task.verb === 'transact' ? open().transact(task.statements) : open()[task.verb]()
}

function respond(tasks: readonly NumberedTask[], work: () => unknown): void {
  try {
    const value = work()
    for (const { id } of tasks) parentPort?.postMessage({ id, value })
  } catch (error) {
    fail(tasks, error)
  }
}

function fail(tasks: readonly NumberedTask[], error: unknown): void {
  const { message, code } = error as NodeJS.ErrnoException
  for (const { id } of tasks) parentPort?.postMessage({ id, error: { message, code } })
}

/** Opens the file at the first task. If that fails, the next task tries again. */
function open(): SqliteFile {
  return (file ??= openFile(workerData as string))
}
