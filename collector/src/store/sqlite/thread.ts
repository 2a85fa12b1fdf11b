import { parentPort, workerData } from 'node:worker_threads'
import type { Select } from '../sql/select.js'
import { isOfData } from './errors.js'
import { openFile, type Rows, type SqliteFile } from './file.js'

/** What the thread can be asked for. */
export type Task =
  // As JSON: half of what it costs to hand over so many small values one by one.
  | { readonly verb: 'merge'; readonly rows: string }
  | { readonly verb: 'all'; readonly select: Select }
  | { readonly verb: 'check' | 'close' }

/** What it says, under the number of the question. */
export interface Reply {
  readonly id: number
  readonly value?: unknown
  readonly error?: { readonly message: string; readonly code: string | undefined }
}

type Asked = Task & { readonly id: number }
type Merge = Extract<Asked, { verb: 'merge' }>

let file: SqliteFile | null = null
let merges: Merge[] = []

// The thread's whole life: one question after the other, in the order in which they come; but what is to be written waits for
// whatever comes in the same moment, and shares its commit.
parentPort?.on('message', (task: Asked) => {
  if (task.verb === 'merge') {
    merges.push(task)
    if (merges.length === 1) setImmediate(mergeAll)
    return
  }
  mergeAll()
  reply([task], () => answer(task))
})

function mergeAll(): void {
  const all = merges
  merges = []
  if (!all.length) return
  const parts = all.map(({ rows }) => JSON.parse(rows) as Rows)
  try {
    open().mergeAll(parts)
    for (const { id } of all) parentPort?.postMessage({ id })
  } catch (error) {
    // Each by itself, so that what cannot be kept of one does not harm the others.
    const isOfOne = all.length > 1 && isOfData(error as NodeJS.ErrnoException)
    if (isOfOne) for (const [n, task] of all.entries()) reply([task], () => open().mergeAll([parts[n] as Rows]))
    else fail(all, error)
  }
}

function answer(task: Exclude<Asked, Merge>): unknown {
  return task.verb === 'all' ? open().all(task.select) : open()[task.verb]()
}

function reply(tasks: readonly Asked[], run: () => unknown): void {
  try {
    const value = run()
    for (const { id } of tasks) parentPort?.postMessage({ id, value })
  } catch (error) {
    fail(tasks, error)
  }
}

function fail(tasks: readonly Asked[], error: unknown): void {
  const { message, code } = error as NodeJS.ErrnoException
  for (const { id } of tasks) parentPort?.postMessage({ id, error: { message, code } })
}

/** A file that cannot be opened now may be there at the next question. */
function open(): SqliteFile {
  return (file ??= openFile(workerData as string))
}
