// A private PostgreSQL cluster on this machine, with its default settings, so `fsync` is on.

import { execFileSync, spawn } from 'node:child_process'
import { chownSync, mkdtempSync, rmSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import process from 'node:process'
import { findPostgres, postgresHint } from '../../collector/test/helpers/binaries.ts'
import { cpuMsOf, endWithUs } from './servers.mjs'

/**
 * Makes and starts a cluster. Resolves when it accepts connections.
 *
 * @throws (rejects) if PostgreSQL was not found or does not start.
 */
export async function startPostgres() {
  const found = findPostgres()
  if (!found) throw new Error(`PostgreSQL was not found: ${postgresHint}`)
  const { bin } = found
  // PostgreSQL refuses to run as root.
  const who = process.getuid?.() === 0 ? findUser() : {}
  const folder = mkdtempSync(join(tmpdir(), 'sojourn-postgres-'))
  if (who.uid !== undefined) chownSync(folder, who.uid, who.gid)
  const data = join(folder, 'data')
  const quiet = { ...who, cwd: folder, stdio: ['ignore', 'ignore', 'pipe'] }
  execFileSync(join(bin, 'initdb'), ['-D', data, '-U', 'bench', '-A', 'trust', '-E', 'UTF8', '--locale=C.UTF-8'], quiet)
  const port = await findPort()
  const settings = ['-c', 'listen_addresses=127.0.0.1', '-c', 'unix_socket_directories=']
  const server = spawn(join(bin, 'postgres'), ['-D', data, '-p', String(port), ...settings], quiet)
  endWithUs(server, 'SIGINT')
  const clear = () => rmSync(folder, { recursive: true, force: true, maxRetries: 20, retryDelay: 100 })
  process.once('exit', clear)
  const said = []
  server.stderr.on('data', chunk => said.push(chunk))
  const exited = new Promise(resolve => server.once('exit', resolve))
  const toUrl = database => `postgres://bench@127.0.0.1:${port}/${database}`
  const toArgs = database => ['-XqAt', '-v', 'ON_ERROR_STOP=1', '-d', toUrl(database)]

  /** Runs a statement. Returns its rows as lines, with tabs between fields. */
  function ask(database, sql) {
    const lines = execFileSync(join(bin, 'psql'), [...toArgs(database), '-F', '\t', '-c', sql], {
      cwd: folder,
      encoding: 'utf8',
      maxBuffer: 1 << 28,
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    // Only the end of the last line: the fields before it may be empty.
    return lines.replace(/\n$/, '')
  }

  /** Streams lines into a `COPY … FROM STDIN`. */
  async function copy(database, sql, chunks) {
    const psql = spawn(join(bin, 'psql'), [...toArgs(database), '-c', sql], {
      cwd: folder,
      stdio: ['pipe', 'ignore', 'inherit'],
    })
    const done = new Promise(resolve => psql.once('exit', resolve))
    for (const chunk of chunks)
      if (!psql.stdin.write(chunk)) await new Promise(resolve => psql.stdin.once('drain', resolve))
    psql.stdin.end()
    const code = await done
    if (code !== 0) throw new Error(`psql ended with ${code} in ${sql}`)
  }

  async function stop() {
    server.kill('SIGINT')
    await exited
    clear()
  }

  for (;;) {
    if (server.exitCode !== null) throw new Error(`PostgreSQL did not start: ${Buffer.concat(said).toString()}`)
    if (isReady()) break
    await new Promise(resolve => setTimeout(resolve, 100))
  }

  function isReady() {
    try {
      return ask('postgres', 'SELECT 1') === '1'
    } catch {
      return false
    }
  }

  const version = ask('postgres', 'SHOW server_version').split(' ')[0]
  return { version, cpuMs: () => cpuMsOf(server.pid), toUrl, ask, copy, stop }
}

function findUser() {
  for (const name of ['postgres', 'nobody'])
    try {
      const [uid, gid] = ['-u', '-g'].map(flag => Number(execFileSync('id', [flag, name], { encoding: 'utf8' })))
      return { uid, gid }
    } catch {
      // This user does not exist. The next one may.
    }
  throw new Error('PostgreSQL refuses to run as root, and there is no user postgres or nobody')
}

async function findPort() {
  const server = createServer()
  await new Promise(resolve => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address()
  await new Promise(resolve => server.close(resolve))
  return port
}
