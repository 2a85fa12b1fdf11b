import { type ChildProcess, execFile, execFileSync, spawn } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { chownSync, closeSync, mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { promisify } from 'node:util'
import { findPostgres, postgresHint } from './binaries.js'
import { childrenOf, hasEnded, keepTidy, kill } from './processes.js'

const run = promisify(execFile)

/** The address of a server, as plain data that one test process can pass to another. */
export interface Address {
  readonly bin: string
  readonly port: number
  /** The folder of the Unix socket. */
  readonly socket: string
}

/** A private PostgreSQL server. */
export interface Cluster extends Address {
  readonly data: string
  /** Makes the value of `--db`. */
  readonly url: (database: string) => string
  /** Creates an empty database and resolves with its name. */
  readonly createDatabase: () => Promise<string>
  /** Runs statements and resolves with their output: a line for each row, and `|` between columns. */
  readonly sql: (text: string, database?: string) => Promise<string>
  /** Kills the server and all its child processes with SIGKILL. What is not on disk is lost. */
  readonly crash: () => Promise<void>
  /** Starts it with the same port and data, also after a crash. Resolves when it accepts connections. */
  readonly start: () => Promise<void>
  /** Shuts it down and closes its connections. Its data stays. */
  readonly halt: () => Promise<void>
  /** Makes a standby of this server. It is not started yet. */
  readonly makeStandby: (name: string) => Promise<Cluster>
  /** Makes this standby the primary. Resolves when it accepts writes. */
  readonly promote: () => Promise<void>
  /** Kills it and removes its folder. */
  readonly stop: () => Promise<void>
}

const user = 'postgres'

const always = {
  listen_addresses: '127.0.0.1',
  fsync: 'on',
  shared_buffers: '64MB',
  max_connections: '100',
}

/**
 * Starts a private server with `fsync = on`, on 127.0.0.1 and a free port. It ends and its folder is removed when the
 * process that started it ends, in whatever way. If ICU is available, its default collation is en-US, so that a query
 * without `COLLATE "C"` would be noticed.
 *
 * @param settings more settings, as in postgresql.conf.
 * @throws (rejects) if PostgreSQL was not found or does not start.
 */
export async function startCluster(settings: Readonly<Record<string, string>> = {}): Promise<Cluster> {
  const binaries = findPostgres()
  if (!binaries) throw new Error(`PostgreSQL was not found: ${postgresHint}`)
  const cluster = await makeCluster(binaries.bin, settings, async (data, owner) => {
    const init = ['-D', data, '-A', 'trust', '-U', user, '-E', 'UTF8', '--no-sync', '--no-instructions', '--locale=C']
    const icu = ['--locale-provider=icu', '--icu-locale=en-US']
    const initdb = join(binaries.bin, 'initdb')
    await run(initdb, [...init, ...icu], owner).catch(() => run(initdb, init, owner))
  })
  try {
    await cluster.start()
  } catch (error) {
    await cluster.stop()
    throw error
  }
  return cluster
}

/** Creates an empty database on a running server, and resolves with its name. */
export async function createDatabase(address: Address): Promise<string> {
  const name = `test_${randomUUID().replaceAll('-', '')}`
  await runSql(address, `CREATE DATABASE ${name}`)
  return name
}

/** Makes the value of `--db` for a database of this server. */
export function toUrl({ port }: Address, database: string): string {
  return `postgres://${user}@127.0.0.1:${port}/${database}`
}

/** Runs statements on a running server. */
export async function runSql({ bin, port, socket }: Address, text: string, database = 'postgres'): Promise<string> {
  const args = ['-X', '-q', '-A', '-t', '-v', 'ON_ERROR_STOP=1', '-h', socket, '-p', String(port), '-U', user]
  const { stdout } = await run(join(bin, 'psql'), [...args, '-d', database, '-c', text])
  return stdout.trim()
}

type Owner = { readonly uid?: number; readonly gid?: number; readonly cwd: string }

async function makeCluster(
  bin: string,
  settings: Readonly<Record<string, string>>,
  fill: (data: string, owner: Owner) => Promise<unknown>,
): Promise<Cluster> {
  const folder = mkdtempSync(join(tmpdir(), 'sojourn-pg-'))
  const owner = { ...ownerOf(), cwd: folder }
  if (owner.uid !== undefined) chownSync(folder, owner.uid, owner.gid ?? owner.uid)
  const [data, log] = [join(folder, 'data'), join(folder, 'log')]
  const [port, keeper] = [await freePort(), keepTidy(folder)]
  const address = { bin, port, socket: folder }
  // After its promotion, a standby does not wait for another standby.
  const alone = { ...settings, synchronous_standby_names: '' }
  let server: ChildProcess | null = null

  async function end(signal: 'SIGKILL' | 'SIGINT'): Promise<void> {
    const ended = server
    if (!ended?.pid || ended.exitCode !== null || ended.signalCode !== null) return
    const exit = once(ended, 'exit')
    const children = signal === 'SIGKILL' ? childrenOf(ended.pid) : []
    ended.kill(signal)
    for (const child of children) kill(child)
    await exit
    await until(() => children.every(hasEnded), 'the server ends')
    server = null
  }

  const cluster: Cluster = {
    ...address,
    data,
    url: database => toUrl(address, database),
    createDatabase: () => createDatabase(address),
    sql: (text, database) => runSql(address, text, database),
    crash: () => end('SIGKILL'),
    async start() {
      const all = { ...always, unix_socket_directories: folder, port: String(port), ...settings }
      const given = Object.entries(all).flatMap(([name, value]) => ['-c', `${name}=${value}`])
      const output = openSync(log, 'a')
      const starting = spawn(join(bin, 'postgres'), ['-D', data, ...given], {
        ...owner,
        stdio: ['ignore', output, output],
        detached: true,
      })
      closeSync(output)
      starting.unref()
      server = starting
      await until(() => {
        if (starting.exitCode !== null) throw new Error(`PostgreSQL did not start:\n${readFileSync(log, 'utf8')}`)
        return isReady(data, starting.pid)
      }, 'the server accepts connections')
    },
    halt: () => end('SIGINT'),
    makeStandby: name =>
      makeCluster(bin, alone, (to, own) => {
        const from = `host=127.0.0.1 port=${port} user=${user} application_name=${name}`
        return run(join(bin, 'pg_basebackup'), ['-D', to, '-d', from, '-R', '-X', 'stream', '-c', 'fast', '-N'], own)
      }),
    promote: async () => void (await run(join(bin, 'pg_ctl'), ['-D', data, '-w', 'promote'], owner)),
    async stop() {
      await end('SIGKILL')
      keeper.end()
      rmSync(folder, { recursive: true, force: true, maxRetries: 10, retryDelay: 50 })
    },
  }
  try {
    await fill(data, owner)
  } catch (error) {
    await cluster.stop()
    throw error
  }
  return cluster
}

/** The user that a server runs as, because PostgreSQL refuses to run as root. Empty if this process is not root. */
export function ownerOf(): { uid?: number; gid?: number } {
  if (process.getuid?.() !== 0) return {}
  for (const name of ['postgres', 'nobody']) {
    try {
      const id = (flag: string): number => Number(execFileSync('id', [flag, name], { encoding: 'utf8', stdio: 'pipe' }))
      return { uid: id('-u'), gid: id('-g') }
    } catch {
      // This user does not exist. The next one may.
    }
  }
  throw new Error('PostgreSQL does not run as root, and there is neither a user postgres nor nobody')
}

/** Whether `postmaster.pid` says that the server is ready. A file that a crash left behind has another process id. */
function isReady(data: string, pid: number | undefined): boolean {
  try {
    const lines = readFileSync(join(data, 'postmaster.pid'), 'utf8').split('\n')
    return Number(lines[0]) === pid && /^(ready|standby)\b/.test(lines[7] ?? '')
  } catch {
    return false
  }
}

// Each worker of Vitest has a range of its own, because a server listens on its port only seconds after it was chosen.
const portsEach = 500
const firstPort = 20_000 + portsEach * (Number(process.env.VITEST_POOL_ID ?? 0) % 20)
let lastPort = Math.floor(Math.random() * portsEach)

/**
 * Finds a free port outside the range of outgoing connections. A connection to a port in that range could connect to
 * itself while no server listens. A process is given a port again only after all others of its range.
 */
export async function freePort(): Promise<number> {
  for (;;) {
    lastPort = (lastPort + 1) % portsEach
    const port = firstPort + lastPort
    const server = createServer()
    const isFree = await new Promise<boolean>(resolve => {
      server.once('error', () => resolve(false)).listen(port, '127.0.0.1', () => resolve(true))
    })
    await new Promise(resolve => server.close(resolve))
    if (isFree) return port
  }
}

async function until(isSo: () => boolean, what: string): Promise<void> {
  for (const started = performance.now(); !isSo(); await sleep(10))
    if (performance.now() - started > 110_000) throw new Error(`gave up after two minutes of waiting until ${what}`)
}
