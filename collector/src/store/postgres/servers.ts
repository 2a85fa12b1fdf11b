import { createHash } from 'node:crypto'
import { type CustomTypesConfig, Pool } from 'pg'
import { connectTimeoutMs, postgresLanes, postgresReaders, statementTimeoutMs } from '../../limits.js'

/**
 * Runs one statement. Each is its own transaction, unless `BEGIN` was run before.
 *
 * @param how `once`: does not prepare the statement by name, because it is not used again. `maxMs`: how long it may
 *   take (default `statementTimeoutMs`).
 */
export type RunSql = (
  sql: string,
  values: readonly unknown[],
  how?: { readonly once?: boolean; readonly maxMs?: number },
) => Promise<object[]>

/** The servers of one database. One of them at a time accepts writes. */
export interface Servers {
  /** How many writes can run at the same time. */
  readonly lanes: number
  /** Runs `work` on a connection of its own. Runs it again if it failed in a way that changed nothing. */
  write<T>(work: Work<T>): Promise<T>
  /** The same, on a connection for reads. */
  read<T>(work: Work<T>): Promise<T>
  close(): Promise<void>
}

type Work<T> = (run: RunSql) => Promise<T>

interface Notice {
  readonly severity?: string | undefined
  readonly code?: string | undefined
  readonly message?: string | undefined
}

/** What a connection calls itself, unless the URL says otherwise. */
export const applicationName = 'sojourn-collector'

/** How often work is tried if a deadlock or a pooler interrupts it. */
const maxTries = 5

// The driver returns `bigint` (type 20) as text, because not all values fit a number. All of ours do.
const types = {
  getTypeParser: (oid: number) => (text: string) => (oid === 20 ? Number(text) : text),
} as CustomTypesConfig

/**
 * Makes connections to a database when they are needed. If a server is gone or accepts no writes, the next server of
 * the list is used. Work that was running on the first server fails, and the browser sends its records again.
 */
export function createServers(url: string): Servers {
  const urls = toUrls(url)
  const pools = urls.map(one => ({ write: createPool(one, postgresLanes), read: createPool(one, postgresReaders) }))
  let current = 0
  // A pooler that switches connections between transactions may lose prepared statements. After its first error, no
  // statement is prepared by name.
  let isNaming = true

  async function runOn<T>(at: number, kind: 'write' | 'read', work: Work<T>): Promise<T> {
    const client = await (pools[at] as (typeof pools)[number])[kind].connect()
    let warning: Error | undefined
    const onNotice = ({ severity, code = '', message }: Notice): void => {
      // "… has already committed locally, but might not have been replicated to the standby": not certainly durable.
      // The SQLSTATE class is checked too, because the severity is translated into the language of the server.
      if (severity === 'WARNING' || /^(01|57)/.test(code)) warning = new Error(message)
    }
    client.on('notice', onNotice)
    const run: RunSql = async (text, values, { once = false, maxMs } = {}) => {
      const name = isNaming && !once && /^(SELECT|WITH|INSERT|DELETE)/.test(text) ? { name: toName(text) } : {}
      const limit = maxMs === undefined ? {} : { query_timeout: maxMs }
      const { rows } = await client.query({ text, values: [...values], types, ...name, ...limit })
      if (warning) throw warning
      return rows as object[]
    }
    try {
      const result = await work(run)
      client.off('notice', onNotice)
      client.release()
      return result
    } catch (cause) {
      // The state of the connection is unknown, so it is closed and not used again.
      client.release(true)
      throw cause
    }
  }

  async function runAny<T>(kind: 'write' | 'read', work: Work<T>): Promise<T> {
    for (let tries = 1; ; tries++) {
      const at = current
      try {
        return await runOn(at, kind, work)
      } catch (cause) {
        const { code = '' } = cause as { code?: string }
        if (/^(26000|42P05)$/.test(code)) isNaming = false
        else if (isElsewhere(cause, kind)) {
          if (current === at) current = (at + 1) % urls.length
          if (tries >= urls.length) throw cause
        } else if (!/^(40P01|40001)$/.test(code)) throw cause
        if (tries >= maxTries) throw cause
      }
    }
  }

  return {
    lanes: postgresLanes,
    write: work => runAny('write', work),
    read: work => runAny('read', work),
    async close() {
      const open = pools.flatMap(({ write, read }) => [write, read]).filter(({ ended }) => !ended)
      await Promise.all(open.map(pool => pool.end()))
    },
  }
}

/**
 * Splits a URL with several hosts, as PostgreSQL's own clients accept it, into one URL for each host.
 *
 * @throws TypeError if it is not the URL of a PostgreSQL database.
 */
export function toUrls(url: string): string[] {
  const [, start, hosts, end] = /^(postgres(?:ql)?:\/\/(?:[^@/]*@)?)([^/?]*)(.*)$/.exec(url) ?? []
  if (start === undefined) throw new TypeError('write it as postgres://user:password@host:5432/database')
  return (hosts ?? '').split(',').map(host => `${start}${host}${end}`)
}

function createPool(url: string, max: number): Pool {
  const pool = new Pool({
    connectionString: url,
    max,
    connectionTimeoutMillis: connectTimeoutMs,
    query_timeout: statementTimeoutMs,
    keepAlive: true,
    application_name: applicationName,
  })
  // An idle connection that breaks can be ignored, because the pool makes a new one when it is needed.
  pool.on('error', () => undefined)
  // A busy connection that breaks rejects its statement and emits `error` as well. Without a listener, that would end
  // the process. The listener is added at once, because a server may close a connection in the packet that opens it.
  pool.on('connect', client => client.on('error', () => undefined))
  return pool
}

/**
 * Whether another server may succeed: this one is unreachable, is shutting down, or accepts no writes. A read that
 * timed out is no sign of that.
 */
function isElsewhere(cause: unknown, kind: 'write' | 'read'): boolean {
  const { code = '', message = '' } = cause as { code?: string; message?: string }
  if (/timeout exceeded when trying to connect/.test(message)) return false
  if (kind === 'read' && /Query read timeout/.test(message)) return false
  return (
    /^(E(?!RR_)[A-Z_]+|08...|57P0.|25006)$/.test(code) || /timeout|terminated|timed out|Connection ended/i.test(message)
  )
}

const names = new Map<string, string>()

// The name is a hash of the text, so that two versions of the collector behind one pooler never use one name for two
// texts.
function toName(text: string): string {
  const name = names.get(text) ?? `sojourn_${createHash('sha256').update(text).digest('hex').slice(0, 16)}`
  names.set(text, name)
  return name
}
