import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Event, Page, Session } from '../../src/index.js'

/** A real collector in a separate process, with a new database. */
export interface RunningCollector {
  /** The base address. It stays the same after `kill` and `start`. */
  readonly url: string
  /** The value of `--db`: the path of the database, or its address. */
  readonly db: string
  /** Reads a path of `/v1` or `/backend/data`, and parses the reply. `null` if the status is not 200. */
  get<T>(path: string): Promise<T | null>
  session(sessionID: string): Promise<Session | null>
  /** All events of the session, from all pages of the reply. */
  events(sessionID: string): Promise<Event[]>
  pages(sessionID: string): Promise<Page[]>
  /** Ends the process with SIGKILL, as a crash does. */
  kill(): Promise<void>
  /** Starts it again, with the same port and database. */
  start(): Promise<void>
  stop(): Promise<void>
}

/** Starts a collector. With `--db` in the flags, it has that database. Otherwise it has a new file. */
export async function startCollector(...flags: string[]): Promise<RunningCollector> {
  const folder = mkdtempSync(join(tmpdir(), 'sojourn-collector-'))
  const given = flags.indexOf('--db')
  const [, db = ''] = given < 0 ? ['--db', join(folder, 'e2e.db')] : flags.splice(given, 2)
  let child: ChildProcess
  let url = ''

  async function start(): Promise<void> {
    const port = url ? new URL(url).port : '0'
    const args = ['collector/dist/cli.js', '--db', db, '--port', port, '--log-level', 'warn', ...flags]
    const started = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] })
    child = started
    url = await new Promise<string>((resolve, reject) => {
      started.stdout.on('data', chunk => {
        const found = /http:\/\/\S+?:\d+/.exec(String(chunk))
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
  await start()
  return {
    url,
    db,
    get,
    session: id => get<Session>(`/v1/sessions/${id}`),
    events: id => list<Event>(`/v1/sessions/${id}/events`),
    pages: id => list<Page>(`/v1/sessions/${id}/pages`),
    kill: () => end('SIGKILL'),
    start,
    async stop() {
      await end('SIGTERM')
      rmSync(folder, { recursive: true, force: true })
    },
  }
}
