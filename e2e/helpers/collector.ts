import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Event, Page, Session } from '../../src/index.js'

/** The real collector, in a process of its own, on a database of its own. */
export interface RunningCollector {
  readonly url: string
  /** An answer of `/v1` or `/backend/data`, parsed; `null` for 204 and 404. */
  get<T>(path: string): Promise<T | null>
  session(sessionID: string): Promise<Session | null>
  /** All of them, over all pages of the answer. */
  events(sessionID: string): Promise<Event[]>
  pages(sessionID: string): Promise<Page[]>
  stop(): Promise<void>
}

export async function startCollector(...flags: string[]): Promise<RunningCollector> {
  const folder = mkdtempSync(join(tmpdir(), 'sojourn-collector-'))
  const args = ['collector/dist/cli.js', '--db', join(folder, 'e2e.db'), '--port', '0', ...flags]
  const child: ChildProcess = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] })
  const url = await new Promise<string>((resolve, reject) => {
    child.stdout?.on('data', chunk => {
      const found = /http:\/\/\S+?:\d+/.exec(String(chunk))
      if (found) resolve(found[0])
    })
    child.once('exit', code => reject(new Error(`the collector ended with ${code}`)))
  })
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
    get,
    session: id => get<Session>(`/v1/sessions/${id}`),
    events: id => list<Event>(`/v1/sessions/${id}/events`),
    pages: id => list<Page>(`/v1/sessions/${id}/pages`),
    async stop() {
      child.removeAllListeners('exit')
      const ended = new Promise(resolve => child.once('exit', resolve))
      child.kill('SIGTERM')
      await ended
      rmSync(folder, { recursive: true, force: true })
    },
  }
}
