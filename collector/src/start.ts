import { createCollector } from './collector.js'
import { help, isPostgres, OptionError, parseOptions } from './options.js'
import { openPostgres } from './store/postgres/postgres.js'
import { openSqlite } from './store/sqlite/sqlite.js'
import type { CollectorStore } from './store/store.js'
import { openScript } from './web/script.js'
import { serve } from './web/server.js'

/** What the command gets from its process. */
export interface CommandParts {
  readonly args: readonly string[]
  readonly env: Readonly<Record<string, string | undefined>>
  readonly print: (line: string) => void
  readonly warn: (line: string) => void
  /** The file that the threads of SQLite run. If left out, SQLite runs in this thread. */
  readonly thread?: URL
  /** Is given the function that stops the collector, to be called when the process gets a signal. */
  readonly onStop: (stop: () => Promise<void>) => void
}

/**
 * Runs the command. Prints one line when it listens. A stop waits for the requests in flight, and then closes the
 * store.
 *
 * @returns the exit code: 0 if it listens, 1 if it cannot start, 2 for a bad option.
 */
export async function start({ args, env, print, warn, thread, onStop }: CommandParts): Promise<number> {
  let store: CollectorStore | undefined
  try {
    const options = parseOptions(args, env)
    if (!options) {
      print(help)
      return 0
    }
    const { db, host, port, isLoopback, origins } = options
    store = await openStore(db, thread)
    const openedStore = store
    const onError = (cause: unknown): void =>
      warn(cause instanceof Error ? (cause.stack ?? cause.message) : String(cause))
    const collector = createCollector({ ...options, store, script: openScript(), now: Date.now, onError })
    const { url, stop } = await serve(collector, { host, port, onError })
    onStop(async () => {
      await stop()
      await openedStore.close()
    })
    if (!isLoopback && !origins.length) warn('no --origin is given, so servers may send, but pages may not')
    print(`sojourn-collector listens on ${url} and keeps records in ${toLogText(db)}`)
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
    // If Node tried several addresses, the message is empty.
    throw new Error(`--db ${toLogText(db)}: ${message || code}`, { cause: error })
  }
}

/** The address of the database without its password, for logs. */
function toLogText(db: string): string {
  return isPostgres(db) ? db.replace(/^(\w+:\/\/[^:@/?]*):.*@/s, '$1@').replace(/\?.*/s, '') : db
}
