import { createHash } from 'node:crypto'
import { type CustomTypesConfig, Pool } from 'pg'
import { connectTimeoutMs, postgresLanes, postgresReaders, statementTimeoutMs } from '../../limits.js'

/**
 * Asks the server one thing; in a transaction after a `BEGIN` of one's own.
 *
 * @param how `once`: under no name, for it does not come again. `maxMs`: how long it may take, if not `statementTimeoutMs`.
 */
export type Ask = (
  sql: string,
  values: readonly unknown[],
  how?: { readonly once?: boolean; readonly maxMs?: number },
) => Promise<object[]>

/** The servers of one database, of which one takes writes. */
export interface Servers {
  /** How many may write at a time. */
  readonly lanes: number
  /** Runs something on a connection of its own; may run it twice, should the first time fail in a way that leaves no trace. */
  write<T>(run: (ask: Ask) => Promise<T>): Promise<T>
  read<T>(run: (ask: Ask) => Promise<T>): Promise<T>
  close(): Promise<void>
}

interface Notice {
  readonly severity?: string | undefined
  readonly code?: string | undefined
  readonly message?: string | undefined
}

/** How often something is begun anew that was cut off by a deadlock or a pooler. */
const maxTries = 5

// Whole numbers come as texts, for some are too large; none of ours is.
const types = {
  getTypeParser: (oid: number) => (text: string) => (oid === 20 ? Number(text) : text),
} as CustomTypesConfig

/**
 * Makes the connections to a database, as they are needed. When a server is gone, or turns out to take no writes, the next
 * one of the list is asked: what ran meanwhile has failed, and its sender comes again.
 */
export function createServers(url: string): Servers {
  const urls = toUrls(url)
  const pools = urls.map(one => ({ write: createPool(one, postgresLanes), read: createPool(one, postgresReaders) }))
  let current = 0
  // A pooler that gives each transaction another connection may not know the names of statements: then none is used.
  let isNaming = true

  async function runOn<T>(at: number, kind: 'write' | 'read', run: (ask: Ask) => Promise<T>): Promise<T> {
    const client = await (pools[at] as (typeof pools)[number])[kind].connect()
    let warning: Error | undefined
    const onNotice = ({ severity, code = '', message }: Notice): void => {
      // "… has already committed locally, but might not have been replicated to the standby": done, and yet not sure.
      // Known by its class, for the severity is said in the server's own language.
      if (severity === 'WARNING' || /^(01|57)/.test(code)) warning = new Error(message)
    }
    client.on('notice', onNotice)
    const ask: Ask = async (text, values, { once = false, maxMs } = {}) => {
      const name = isNaming && !once && /^(SELECT|WITH)/.test(text) ? { name: toName(text) } : {}
      const limit = maxMs === undefined ? {} : { query_timeout: maxMs }
      const { rows } = await client.query({ text, values: [...values], types, ...name, ...limit })
      if (warning) throw warning
      return rows as object[]
    }
    try {
      const result = await run(ask)
      client.off('notice', onNotice)
      client.release()
      return result
    } catch (cause) {
      // Whatever state it is in, nobody else gets it.
      client.release(true)
      throw cause
    }
  }

  async function runAny<T>(kind: 'write' | 'read', run: (ask: Ask) => Promise<T>): Promise<T> {
    for (let tries = 1; ; tries++) {
      const at = current
      try {
        return await runOn(at, kind, run)
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
    write: run => runAny('write', run),
    read: run => runAny('read', run),
    async close() {
      const open = pools.flatMap(({ write, read }) => [write, read]).filter(({ ended }) => !ended)
      await Promise.all(open.map(pool => pool.end()))
    },
  }
}

/**
 * One URL for each host of a URL that may name several, as PostgreSQL's own clients take it.
 *
 * @throws TypeError if it is no URL of a PostgreSQL database.
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
    application_name: 'sojourn-collector',
  })
  // A connection that breaks while nobody uses it is no trouble: the next question makes another.
  pool.on('error', () => undefined)
  // One that breaks while it is used fails what is asked on it, and says so a second time, to nobody. From its first
  // moment: the server's last words may come in one piece with its first.
  pool.on('connect', client => client.on('error', () => undefined))
  return pool
}

/** Whether another server may do better: this one is not there, is going down, or takes no writes. A slow list says nothing of that. */
function isElsewhere(cause: unknown, kind: 'write' | 'read'): boolean {
  const { code = '', message = '' } = cause as { code?: string; message?: string }
  if (/timeout exceeded when trying to connect/.test(message)) return false
  if (kind === 'read' && /Query read timeout/.test(message)) return false
  return (
    /^(E(?!RR_)[A-Z_]+|08...|57P0.|25006)$/.test(code) || /timeout|terminated|timed out|Connection ended/i.test(message)
  )
}

const names = new Map<string, string>()

// A name for each text, also over versions of ours that meet in one pooler.
function toName(text: string): string {
  const name = names.get(text) ?? `sojourn_${createHash('sha256').update(text).digest('hex').slice(0, 16)}`
  names.set(text, name)
  return name
}
