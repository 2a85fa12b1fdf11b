import { createCollector } from './collector.js'
import { help, isPostgres, OptionError, parseOptions } from './options.js'
import { openPostgres } from './store/postgres/postgres.js'
import { openSqlite } from './store/sqlite/sqlite.js'
import type { CollectorStore } from './store/store.js'
import { openScript } from './web/script.js'
import { serve } from './web/serve.js'

/** What the command is given by its surroundings. */
export interface Surroundings {
  readonly args: readonly string[]
  readonly env: Readonly<Record<string, string | undefined>>
  readonly print: (line: string) => void
  readonly warn: (line: string) => void
  /** The file that a thread of the database runs; none: the database is served by this thread. */
  readonly thread?: URL
  /** Runs when the process is told to end; a second time is not waited for. */
  readonly onStop: (stop: () => Promise<void>) => void
}

/**
 * Runs the command: one line when it listens, and at a stop first the requests in flight, then the store.
 *
 * @returns the exit code: 0, also while it listens; 1 if it cannot start; 2 for a bad option.
 */
export async function start({ args, env, print, warn, thread, onStop }: Surroundings): Promise<number> {
  let store: CollectorStore | undefined
  try {
    const options = parseOptions(args, env)
    if (!options) {
      print(help)
      return 0
    }
    const { db, host, port, isLoopback, origins } = options
    store = await openStore(db, thread)
    const kept = store
    const onError = (cause: unknown): void =>
      warn(cause instanceof Error ? (cause.stack ?? cause.message) : String(cause))
    const collector = createCollector({ ...options, store, script: openScript(), now: Date.now, onError })
    const { url, stop } = await serve(collector, { host, port, onError })
    onStop(async () => {
      await stop()
      await kept.close()
    })
    if (!isLoopback && !origins.length) warn('no --origin given: servers may send, pages of browsers may not')
    print(`sojourn-collector listens on ${url} and keeps records in ${toShown(db)}`)
    return 0
  } catch (error) {
    await store?.close()
    const { code, message } = error as NodeJS.ErrnoException
    warn(`sojourn-collector: ${code === 'EADDRINUSE' ? `${message}; choose another port with --port` : message}`)
    return error instanceof OptionError ? 2 : 1
  }
}

async function openStore(db: string, thread?: URL): Promise<CollectorStore> {
  try {
    return await (isPostgres(db) ? openPostgres(db) : openSqlite(db, thread))
  } catch (error) {
    const { message, code } = error as NodeJS.ErrnoException
    // Of several addresses that were tried, the message is empty.
    throw new Error(`--db ${toShown(db)}: ${message || code}`, { cause: error })
  }
}

/** Where records are kept, as it may stand in a log: without the password. */
function toShown(db: string): string {
  return isPostgres(db) ? db.replace(/^(\w+:\/\/[^:@/?]*):.*@/s, '$1@').replace(/\?.*/s, '') : db
}
