import { type ChildProcess, fork, spawn } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Event, Page, Session } from '../../src/index.js'

/** A real collector, with a new database. */
export interface RunningCollector {
  /** The base address. */
  readonly url: string
  /** The value of `--db`: the path of the database, or its address. */
  readonly db: string
  /** Reads a path of `/v1` or `/backend/data`, and parses the reply. `null` if the status is not 200. */
  get<T>(path: string): Promise<T | null>
  session(sessionID: string): Promise<Session | null>
  /** All events of the session, from all pages of the reply. */
  events(sessionID: string): Promise<Event[]>
  pages(sessionID: string): Promise<Page[]>
  stop(): Promise<void>
}

/** A collector in a process of its own. Its address stays the same after `kill` and `start`. */
export interface CollectorProcess extends RunningCollector {
  /** Ends the process with SIGKILL, as a crash does. */
  kill(): Promise<void>
  /** Starts it again, with the same port and database. */
  start(): Promise<void>
}

/**
 * Starts a collector in the process in which all collectors of this worker run. With `--db` in the flags, it has that
 * database. Otherwise it has a new file.
 */
export async function startCollector(...flags: string[]): Promise<RunningCollector> {
  const { db, args, remove } = prepare(flags)
  const host = (startedHost ??= startHost())
  const id = randomUUID()
  const { said = '' } = await host({ id, args: [...args, '--port', '0'] })
  const url = address.exec(said)?.[0]
  if (!url) throw new Error('the collector did not start')
  return {
    ...makeReads(url, db),
    async stop() {
      await host({ id })
      remove()
    },
  }
}

/** Starts a collector in a process of its own, which can be killed. It takes the same flags. */
export async function startCollectorProcess(...flags: string[]): Promise<CollectorProcess> {
  const { db, args, remove } = prepare(flags)
  let child: ChildProcess
  let url = ''

  async function start(): Promise<void> {
    const port = url ? new URL(url).port : '0'
    const started = spawn(process.execPath, ['collector/dist/cli.js', ...args, '--port', port], {
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    child = started
    url = await new Promise<string>((resolve, reject) => {
      started.stdout.on('data', chunk => {
        const found = address.exec(String(chunk))
        if (found) resolve(found[0])
      })
      started.once('exit', code => reject(new Error(`the collector ended with ${code}`)))
    })
  }

  async function end(signal: NodeJS.Signals): Promise<void> {
    child.removeAllListeners('exit')
    if (child.exitCode !== null || child.signalCode !== null) return
    const ended = new Promise(resolve => child.once('exit', resolve))
    child.kill(signal)
    await ended
  }

  await start()
  return {
    ...makeReads(url, db),
    kill: () => end('SIGKILL'),
    start,
    async stop() {
      await end('SIGTERM')
      remove()
    },
  }
}

const address = /http:\/\/\S+?:\d+/

interface Prepared {
  readonly db: string
  readonly args: readonly string[]
  /** Deletes the new database. */
  readonly remove: () => void
}

function prepare(flags: string[]): Prepared {
  const folder = mkdtempSync(join(tmpdir(), 'sojourn-collector-'))
  const given = flags.indexOf('--db')
  const [, db = ''] = given < 0 ? ['--db', join(folder, 'e2e.db')] : flags.splice(given, 2)
  return {
    db,
    args: ['--db', db, '--log-level', 'warn', ...flags],
    remove: () => rmSync(folder, { recursive: true, force: true }),
  }
}

interface Asked {
  readonly id: string
  readonly args?: readonly string[]
}

type Host = (asked: Asked) => Promise<{ readonly said?: string }>

let startedHost: Host | undefined

/** Starts the process of all collectors of this worker. It ends with the worker. */
function startHost(): Host {
  const child = fork('e2e/helpers/collector-host.mjs', { execArgv: [] })
  const waiting = new Map<string, { resolve: (said: object) => void; reject: (cause: Error) => void }>()
  child.on('message', (said: Asked) => {
    waiting.get(said.id)?.resolve(said)
    waiting.delete(said.id)
  })
  child.once('exit', code => {
    startedHost = undefined
    for (const { reject } of waiting.values()) reject(new Error(`the collectors ended with ${code}`))
  })
  // A worker that has done its tests does not wait for it.
  child.unref()
  child.channel?.unref()
  return asked =>
    new Promise((resolve, reject) => {
      waiting.set(asked.id, { resolve, reject })
      child.send(asked)
    })
}

/** What asks the collector at this address. */
function makeReads(url: string, db: string): Omit<RunningCollector, 'stop'> {
  const get = async <T>(path: string): Promise<T | null> => {
    const response = await fetch(url + path)
    return response.status === 200 ? ((await response.json()) as T) : null
  }
  const list = async <T>(path: string): Promise<T[]> => {
    const items: T[] = []
    for (let cursor = ''; ; ) {
      const part = await get<{ items: T[]; next: string | null }>(`${path}?page_size=1000${cursor}`)
      items.push(...(part?.items ?? []))
      if (!part?.next) return items
      cursor = `&paging_next=${encodeURIComponent(part.next)}`
    }
  }
  return {
    url,
    db,
    get,
    session: id => get<Session>(`/v1/sessions/${id}`),
    events: id => list<Event>(`/v1/sessions/${id}/events`),
    pages: id => list<Page>(`/v1/sessions/${id}/pages`),
  }
}
