import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { expect } from '@playwright/test'
import type { Event, Page, Session } from '../../src/index.js'

/** Where `scripts/examples.mjs` has installed an example, and where it is when it runs. */
export interface Example {
  readonly folder: string
  /** The address of the application. */
  readonly page: string
  readonly collector: string
}

/** The examples that are installed, by name. */
export const examples: Readonly<Record<string, Example>> = JSON.parse(process.env.SOJOURN_EXAMPLES ?? '{}')

/**
 * Starts a command in the folder of an example, and waits until each of its addresses answers.
 *
 * @returns ends it, with all that it has started.
 */
export async function start(
  { folder }: Example,
  addresses: readonly string[],
  [command = '', ...args]: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Promise<() => Promise<void>> {
  const said: string[] = []
  const child = spawn(command, args, {
    cwd: folder,
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, NEXT_TELEMETRY_DISABLED: '1', ...env },
  })
  for (const stream of [child.stdout, child.stderr]) stream.on('data', chunk => said.push(String(chunk)))
  const ended = once(child, 'exit')
  const stop = async (): Promise<void> => {
    if (child.exitCode === null && child.pid !== undefined) process.kill(-child.pid, 'SIGTERM')
    await ended
  }
  try {
    for (const address of addresses)
      await expect
        .poll(
          async () => {
            if (child.exitCode !== null) throw new Error(`ended with ${child.exitCode}`)
            return fetch(address).then(
              ({ status }) => status,
              () => 'no answer',
            )
          },
          { timeout: 240_000, message: `${address} of ${folder}` },
        )
        .toBe(200)
  } catch (error) {
    await stop()
    throw new Error(`${command} ${args.join(' ')} in ${folder}: ${said.join('')}`, { cause: error })
  }
  return stop
}

/** The sessions of a person that the collector of an example has, with their events and pages. */
export async function sessionsOf({ collector }: Example, identityId: string, token = '') {
  const get = async <T>(path: string): Promise<T[]> => {
    const response = await fetch(
      `${collector}/v1/${path}`,
      token ? { headers: { Authorization: `Bearer ${token}` } } : {},
    )
    return response.ok ? ((await response.json()) as { items: T[] }).items : []
  }
  const sessions = await get<Session>(`identities/${identityId}/sessions`)
  return Promise.all(
    sessions.map(async session => ({
      isClosed: session.endDate !== 0,
      events: (await get<Event>(`sessions/${session.sessionID}/events`)).map(({ eventName, data }) => ({
        eventName,
        data,
      })),
      titles: (await get<Page>(`sessions/${session.sessionID}/pages`)).map(({ title }) => title),
    })),
  )
}
