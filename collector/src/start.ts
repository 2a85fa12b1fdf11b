import { createCollector } from './collector.js'
import { help, OptionError, parseOptions } from './options.js'
import { openScript } from './script.js'
import { serve } from './serve.js'
import { openSqlite } from './store/sqlite.js'
import type { CollectorStore } from './store/store.js'

/** What the command is given by its surroundings. */
export interface Surroundings {
  readonly args: readonly string[]
  readonly env: Readonly<Record<string, string | undefined>>
  readonly print: (line: string) => void
  readonly warn: (line: string) => void
  /** Runs when the process is told to end; a second time is not waited for. */
  readonly onStop: (stop: () => Promise<void>) => void
}

/**
 * Runs the command: one line when it listens, and at a stop first the requests in flight, then the store.
 *
 * @returns the exit code: 0, also while it listens; 1 if it cannot start; 2 for a bad option.
 */
export async function start({ args, env, print, warn, onStop }: Surroundings): Promise<number> {
  let store: CollectorStore | undefined
  try {
    const options = parseOptions(args, env)
    if (!options) {
      print(help)
      return 0
    }
    const { db, host, port, isLoopback, origins } = options
    store = openFile(db)
    const kept = store
    const onError = (cause: unknown): void =>
      warn(cause instanceof Error ? (cause.stack ?? cause.message) : String(cause))
    const app = createCollector({ ...options, store, script: openScript(), now: Date.now, onError })
    const { url, stop } = await serve(app, { host, port })
    onStop(async () => {
      await stop()
      await kept.close()
    })
    if (!isLoopback && !origins.length) warn('no --origin given: servers may send, pages of browsers may not')
    print(`sojourn-collector listens on ${url} and keeps records in ${db}`)
    return 0
  } catch (error) {
    await store?.close()
    const { code, message } = error as NodeJS.ErrnoException
    warn(`sojourn-collector: ${code === 'EADDRINUSE' ? `${message}; choose another port with --port` : message}`)
    return error instanceof OptionError ? 2 : 1
  }
}

function openFile(path: string): CollectorStore {
  try {
    return openSqlite(path)
  } catch (error) {
    throw new Error(`--db ${path}: ${(error as Error).message}`, { cause: error })
  }
}
