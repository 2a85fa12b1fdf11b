import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync, writeFileSync } from 'node:fs'
import { userInfo } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { onTestFinished } from 'vitest'
import { freePort } from '../test/helpers/postgres.js'
import { makeFolder } from './process.js'

const deploy = fileURLToPath(new URL('../deploy/', import.meta.url))

/** A proxy that runs with a configuration of `collector/deploy`. */
export interface Front {
  /** The URL under which it serves the collector on a host of its own. */
  readonly url: string
  /** The URL under which it serves the collector below a path of a site. */
  readonly belowPath: string
  /** What it has written into its access log. */
  readonly readLog: () => string
}

/** What the program says to its configuration. */
interface Checked {
  readonly status: number | null
  readonly said: string
}

/** Whether this machine has a program. */
export function hasProgram(name: string): boolean {
  return spawnSync('sh', ['-c', `command -v ${name}`]).status === 0
}

/** Starts nginx with the configuration of `collector/deploy`, in front of a collector at `upstream` (host and port). */
export async function startNginx(upstream: string): Promise<Front & { readonly checked: Checked }> {
  const directory = makeFolder()
  const [http, https, site] = [await freePort(), await freePort(), await freePort()]
  const certificate = join(directory, 'certificate.pem')
  const key = join(directory, 'key.pem')
  const about = ['-subj', '/CN=collector.example', '-addext', 'subjectAltName=DNS:localhost']
  must('openssl', [
    'req',
    '-x509',
    '-newkey',
    'ed25519',
    '-nodes',
    '-days',
    '2',
    '-keyout',
    key,
    '-out',
    certificate,
    ...about,
  ])
  const place = (text: string): string =>
    text
      .replaceAll(/\/etc\/letsencrypt\/\S*fullchain\.pem/g, certificate)
      .replaceAll(/\/etc\/letsencrypt\/\S*privkey\.pem/g, key)
      .replaceAll('/etc/nginx/', `${directory}/`)
      .replaceAll('/var/log/nginx/', `${directory}/`)
      .replaceAll('127.0.0.1:4318', upstream)
      .replaceAll(/listen (\[::\]:)?443/g, `listen $1${https}`)
      .replaceAll(/listen (\[::\]:)?80;/g, `listen $1${http};`)
      .replaceAll(/^.*\[::\].*$/gm, '')
  for (const name of ['sojourn.conf', 'sojourn-proxy.conf', 'sojourn-path.conf'])
    writeFileSync(join(directory, name), place(readFileSync(`${deploy}nginx/${name}`, 'utf8')))
  const main = join(directory, 'nginx.conf')
  writeFileSync(
    main,
    toNginx(
      directory,
      `include ${directory}/sojourn.conf;
  server { listen ${site}; include ${directory}/sojourn-path.conf; }`,
    ),
  )
  const checked = run('nginx', ['-t', '-q', '-c', main])
  await runWhile(spawn('nginx', ['-c', main], { stdio: 'ignore' }), https)
  const readLog = (): string => readFileSync(join(directory, 'sojourn.log'), 'utf8')
  return { url: `https://localhost:${https}`, belowPath: `http://localhost:${site}/stats`, readLog, checked }
}

/** The whole configuration of an nginx that writes into a folder alone. @param http what stands in its block `http`. */
function toNginx(directory: string, http: string): string {
  const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map(
    name => `${name}_temp_path ${directory}/${name};`,
  )
  return `daemon off; pid ${directory}/pid; error_log ${directory}/errors.log;
${userInfo().uid === 0 ? 'user root;' : ''}
events { worker_connections 512; }
http {
  ${temporary.join('\n  ')}
  ${http}
}
`
}

/** Starts nginx with a site whose block `server` has these lines. @returns the URL of the site. */
export async function startNginxWith(lines: string): Promise<string> {
  const directory = makeFolder()
  const port = await freePort()
  const main = join(directory, 'nginx.conf')
  writeFileSync(main, toNginx(directory, `access_log off; server { listen ${port};\n${lines}\n}`))
  must('nginx', ['-t', '-q', '-c', main])
  await runWhile(spawn('nginx', ['-c', main], { stdio: 'ignore' }), port)
  return `http://localhost:${port}`
}

/** The same with Caddy. */
export async function startCaddyWith(lines: string): Promise<string> {
  const directory = makeFolder()
  const port = await freePort()
  const config = join(directory, 'Caddyfile')
  writeFileSync(config, `{\n\tadmin off\n}\nhttp://localhost:${port} {\n${lines}\n}\n`)
  const env = { ...process.env, XDG_DATA_HOME: directory, XDG_CONFIG_HOME: directory }
  const args = ['run', '--adapter', 'caddyfile', '--config', config]
  await runWhile(spawn('caddy', args, { env, stdio: 'ignore' }), port)
  return `http://localhost:${port}`
}

/** Starts Caddy with the configuration of `collector/deploy`, in front of a collector at `upstream` (host and port). */
export async function startCaddy(upstream: string): Promise<Front & { readonly checked: Checked }> {
  const directory = makeFolder()
  const [port, site] = [await freePort(), await freePort()]
  const env = {
    ...process.env,
    SOJOURN_SITE: `http://localhost:${port}`,
    SOJOURN_UPSTREAM: upstream,
    XDG_DATA_HOME: directory,
    XDG_CONFIG_HOME: directory,
  }
  const text = readFileSync(`${deploy}Caddyfile`, 'utf8')
  // The example at the end is a comment.
  const [own = '', example = ''] = text.split('# shop.example {')
  const below = `http://localhost:${site} {${example.replace(/^# ?/gm, '')}`
  const config = join(directory, 'Caddyfile')
  const placed = (own + below).replaceAll('/var/log/caddy/', `${directory}/`).replace(/^\{$/m, '{\n\tadmin off')
  writeFileSync(config, placed)
  const checked = run('caddy', ['validate', '--adapter', 'caddyfile', '--config', config], env)
  const args = ['run', '--adapter', 'caddyfile', '--config', config]
  await runWhile(spawn('caddy', args, { env, stdio: 'ignore' }), port)
  const readLog = (): string => readFileSync(join(directory, 'sojourn.log'), 'utf8')
  return { url: `http://localhost:${port}`, belowPath: `http://localhost:${site}/stats`, readLog, checked }
}

function run(command: string, args: readonly string[], env = process.env): Checked {
  const { status, stdout, stderr } = spawnSync(command, args, { encoding: 'utf8', env })
  return { status, said: stdout + stderr }
}

function must(command: string, args: readonly string[]): void {
  const { status, said } = run(command, args)
  if (status !== 0) throw new Error(`${command}: ${said}`)
}

/** Waits until a process listens on a port, and ends it after the test. */
async function runWhile(child: ChildProcess, port: number): Promise<void> {
  onTestFinished(async () => {
    if (child.exitCode !== null) return
    const exit = once(child, 'exit')
    child.kill()
    await exit
  })
  while (child.exitCode === null) {
    const isThere = await fetch(`http://localhost:${port}/`).then(
      () => true,
      ({ cause }: { cause?: { code?: string } }) => cause?.code !== 'ECONNREFUSED',
    )
    if (isThere) return
  }
  throw new Error(`${child.spawnfile} has ended with ${child.exitCode}`)
}
