import { parentPort, workerData } from 'node:worker_threads'
import type { Select } from './select.js'
import { openFile, type Rows, type SqliteFile } from './sqlite-file.js'

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

let file: SqliteFile | null = null

// The thread's whole life: one question after the other. A file that cannot be opened now may be there at the next one.
parentPort?.on('message', (task: Task & { readonly id: number }) => {
  const { id } = task
  try {
    file ??= openFile(workerData as string)
    parentPort?.postMessage({ id, value: answer(file, task) })
  } catch (error) {
    const { message, code } = error as NodeJS.ErrnoException
    parentPort?.postMessage({ id, error: { message, code } })
  }
})

function answer(opened: SqliteFile, task: Task): unknown {
  if (task.verb === 'merge') return opened.merge(JSON.parse(task.rows) as Rows)
  if (task.verb === 'all') return opened.all(task.select)
  return opened[task.verb]()
}
