import { createCollector } from '../collector.js'
import { help, parseOptions, toLogText } from '../options.js'
import { openScript } from '../web/script.js'
import { serve as listen } from '../web/server.js'
import type { Command, CommandContext } from './command.js'
import { openStore } from './open-store.js'

/** Receives and serves sessions until it is stopped. A stop waits for the requests in flight, and then closes the store. */
export const serve: Command = { name: 'serve', summary: 'receives and serves sessions (the default)', help, run }

async function run({ args, env, print, warn, thread, onStop }: CommandContext): Promise<number> {
  const options = parseOptions(args, env)
  const { db, host, port, isLoopback, origins } = options
  const store = await openStore(db, thread)
  const onError = (cause: unknown): void =>
    warn(cause instanceof Error ? (cause.stack ?? cause.message) : String(cause))
  try {
    const collector = createCollector({ ...options, store, script: openScript(), now: Date.now, onError })
    const { url, stop } = await listen(collector, { host, port, onError })
    onStop(async () => {
      await stop()
      await store.close()
    })
    if (!isLoopback && !origins.length) warn('no --origin is given, so servers may send, but pages may not')
    print(`sojourn-collector listens on ${url} and keeps records in ${toLogText(db)}`)
    return 0
  } catch (error) {
    await store.close()
    throw error
  }
}
