import { hostname } from 'node:os'
import { createCollector } from '../collector.js'
import { closeTimeoutMs, oldPauseMs, oldTickMs } from '../limits.js'
import { type Counting, startCounting } from '../numbers/worker.js'
import { createCommitTime } from '../ops/commit-time.js'
import { parseDatabase } from '../ops/database.js'
import { createErrorLog } from '../ops/error-log.js'
import { createLog } from '../ops/log.js'
import { joinMeasures } from '../ops/measure.js'
import { createMetrics } from '../ops/metrics.js'
import { startPresence } from '../ops/presence.js'
import { rest } from '../ops/question.js'
import { createReadiness } from '../ops/readiness.js'
import { createRetention, type Retention } from '../ops/retention.js'
import { createHider } from '../ops/secrets.js'
import { createTally } from '../ops/tally.js'
import { help, parseOptions } from '../options.js'
import { openPieces } from '../scripts/pieces.js'
import { makeID } from '../sites/tokens.js'
import { type WatchedSites, watchSites } from '../sites/watch.js'
import { checkVariables } from '../variables.js'
import { openDocs } from '../web/docs.js'
import { openExplorer } from '../web/explorer.js'
import { openApiParts } from '../web/openapi/open.js'
import { openScript } from '../web/script.js'
import { serve as listen } from '../web/server.js'
import { parseTrust } from '../web/trust.js'
import type { Command, CommandContext } from './command.js'
import { openStore } from './open-store.js'

/**
 * Receives and serves sessions until it is stopped. A stop makes `/readyz` say 503, waits as long as `--drain` says and
 * for the requests in flight, and then closes the store.
 */
export const serve: Command = { name: 'serve', summary: 'receives and serves sessions (the default)', help, run }

async function run({ args, env, version, print, warn, thread, onStop }: CommandContext): Promise<number> {
  const options = parseOptions(args, env)
  const { db, host, port, readToken, logLevel, drainMs } = options
  const { name, secrets } = parseDatabase(db)
  const log = createLog(logLevel, warn, createHider([...secrets, readToken ?? '']))
  const store = await openStore(db, { ...(thread && { thread }), warn })
  const errors = createErrorLog(log, createHider(secrets), every)
  const onError = errors.onError
  const diskUse = store.diskUse
  const metrics = createMetrics({
    version,
    diskBytes: async () => (await diskUse())?.usedBytes ?? null,
    changedVisits: store.countChanged,
  })
  const tally = createTally(log, every)
  const readiness = createReadiness(store, Date.now)
  const commitTime = createCommitTime()
  let sites: WatchedSites | undefined
  let retention: Retention | undefined
  let counting: Counting | undefined
  try {
    const watched = await watchSites({ ...options, admin: store.admin, now: Date.now, onError })
    sites = watched
    const collector = createCollector({
      ...options,
      store,
      sites: watched.registry,
      script: openScript(),
      inspector: openScript('inspector'),
      pieces: openPieces(),
      explorer: options.hasExplorer ? openExplorer() : null,
      api: openApiParts(version),
      docs: openDocs(),
      now: Date.now,
      onError,
      onWrongToken: ({ failures }) => log.warn({ failures }, 'a read had a wrong token'),
      measure: joinMeasures(metrics, tally, commitTime),
      metrics,
      readiness,
      diskUse,
      onWarning: message => log.warn(message),
    })
    const { url, stop } = await listen(collector, { host, port, onError, trustProxy: parseTrust(options.trustProxy) })
    const presence = startPresence({
      store: store.running,
      place: `${hostname()}:${new URL(url).port}`,
      start: makeID(),
      now: Date.now,
      every,
      onError,
    })
    onStop(async () => {
      readiness.stop()
      collector.endStreams()
      log.debug({ drainMs }, 'stops')
      if (drainMs) await new Promise(resolve => setTimeout(resolve, drainMs))
      await stop()
      tally.stop()
      errors.stop()
      const isClosed = await isSettledWithin(closeTimeoutMs, close())
      // What was answered is on disk, and all else comes again.
      if (isClosed) log.info('stopped')
      else log.warn('stopped, although the store does not answer')
    })
    async function close(): Promise<void> {
      await Promise.all([retention?.stop(), counting?.stop(), presence.stop()])
      await watched.stop()
      await collector.stop()
      try {
        await store.close()
      } catch (err) {
        log.error({ err }, 'the store did not close')
        throw err
      }
    }
    retention = createRetention({
      store,
      sites: watched.registry.sites,
      now: Date.now,
      uptime: () => performance.now(),
      rest: () => new Promise(resolve => setTimeout(resolve, oldPauseMs)),
      every: task => every(task, oldTickMs),
      onRemoved: (site, visits) => log.info({ site, visits }, 'removed what is older than the site keeps'),
      onDoubt: site =>
        log.warn(
          { site },
          'all but the records of the last hour are older than the site keeps: look at the clock, they are removed an hour after the start at the latest',
        ),
      onSet: ms =>
        log.warn(
          { seconds: Math.round(ms / 1000) },
          'the clock was set: nothing old is removed for an hour, or for as long as its site keeps it',
        ),
      onError,
    })
    counting = startCounting({ store, rest, committedMs: commitTime.totalMs, now: Date.now, onError })
    // A collector that is restarted often would never come to the first round.
    void retention.round()
    readiness.start()
    const unknown = checkVariables(env)
    if (unknown.length) log.warn({ variables: unknown }, 'there are no such variables, so they change nothing')
    for (const lack of watched.registry.lacks()) log.warn(lacking[lack])
    print(`sojourn-collector listens on ${url} and keeps records in ${name}`)
    log.debug({ version, url }, 'listens')
    return 0
  } catch (error) {
    tally.stop()
    errors.stop()
    await sites?.stop()
    await store.close()
    throw error
  }
}

const lacking = {
  key: 'no write key is known, so nothing is taken: sojourn-collector site add <name> --origin https://…',
  origin:
    'no origin is known, so servers may send, but pages may not: sojourn-collector site origin add <name> https://…',
  token: 'no token is known, so nobody can read: sojourn-collector token add <name>',
}

/** Whether some work ends in time. Rejects if it fails in time. */
async function isSettledWithin(ms: number, work: Promise<void>): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<boolean>(resolve => {
    timer = setTimeout(resolve, ms, false)
  })
  // If it fails later, nobody waits for it any more.
  work.catch(() => undefined)
  const isInTime = await Promise.race([work.then(() => true), late])
  clearTimeout(timer)
  return isInTime
}

function every(task: () => void, ms: number): () => void {
  const timer = setInterval(task, ms)
  timer.unref()
  return () => clearInterval(timer)
}
