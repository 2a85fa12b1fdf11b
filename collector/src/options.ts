import { type ParseArgsConfig, parseArgs } from 'node:util'
import { isKeyText } from './web/access.js'
import { isLoopbackName, parseOrigin } from './web/origins.js'

/** The parsed options of the command. */
export interface Options {
  readonly db: string
  readonly host: string
  readonly port: number
  readonly keys: readonly string[]
  readonly origins: readonly string[]
  readonly readToken: string | null
  readonly isLoopback: boolean
}

/** An option is wrong. The message is one line that says how to correct it. */
export class OptionError extends Error {}

/** What `serve --help` prints. */
export const help = `sojourn-collector serve: receives and serves sessions until it is stopped.

  flag                 meaning                                        variable             default
  --db <file or url>   the database: a file of SQLite, or             SOJOURN_DB           ./sojourn.db
                       postgres://user:password@host:5432/database
  --port <number>      the port; 0 chooses a free one                 SOJOURN_PORT         4318
  --host <address>     the address to listen on                       SOJOURN_HOST         127.0.0.1
  --key <key>          a site's write key; repeat for more            SOJOURN_KEY          on loopback: any key
  --origin <origin>    pages that may send; repeat for more           SOJOURN_ORIGIN       on loopback: this machine's
  --read-token <token> the token that reads must contain              SOJOURN_READ_TOKEN   on loopback: none
  --help               prints this text

A flag overrides its variable. In a variable, several keys or origins are separated by commas.`

/** The environment variables of the process. */
export type Environment = Readonly<Record<string, string | undefined>>

/** The flags of every command that opens the database, as `parseFlags` takes them. */
export const dbFlags = { db: { type: 'string' } } as const

/**
 * Parses the command line of `serve`. The environment supplies what it leaves out.
 *
 * @throws OptionError for the first option that is wrong.
 */
export function parseOptions(args: readonly string[], env: Environment): Options {
  const { flags } = parseFlags(args, {
    ...dbFlags,
    port: { type: 'string' },
    host: { type: 'string' },
    key: { type: 'string', multiple: true },
    origin: { type: 'string', multiple: true },
    'read-token': { type: 'string' },
  })
  const one = (flag: string | undefined, name: string, otherwise: string): string => flag ?? (env[name] || otherwise)
  const many = (flag: readonly string[] | undefined, name: string): readonly string[] =>
    flag ?? (env[name] ?? '').split(',').flatMap(part => part.trim() || [])

  const host = one(flags.host, 'SOJOURN_HOST', '127.0.0.1').replace(/^\[(.*)\]$/, '$1')
  const isLoopback = isLoopbackName(host.includes(':') ? `[${host}]` : host)
  const options = {
    db: toDb(flags, env),
    host,
    port: parsePort(one(flags.port, 'SOJOURN_PORT', '4318')),
    keys: many(flags.key, 'SOJOURN_KEY'),
    origins: many(flags.origin, 'SOJOURN_ORIGIN').map(toOrigin),
    readToken: one(flags['read-token'], 'SOJOURN_READ_TOKEN', '') || null,
    isLoopback,
  }
  if (!host) throw new OptionError('--host: name an address, such as 127.0.0.1')
  for (const key of options.keys)
    if (!isKeyText(key))
      throw new OptionError(`--key ${key}: a key is 1 to 100 letters, digits, dots, hyphens or underscores`)
  if (options.readToken !== null && !/^[\x21-\x7e]+$/.test(options.readToken))
    throw new OptionError('--read-token: a token is visible ASCII characters, without spaces')
  if (!isLoopback && (!options.keys.length || options.readToken === null))
    throw new OptionError(
      `--host ${host}: others can reach it there, so it needs --key (who may write) and --read-token (who may read)`,
    )
  return options
}

/**
 * Parses the flags of a command.
 *
 * @param options as `parseArgs` of Node takes them. `--help` needs no entry, because it is answered before.
 * @param words how many arguments that are no flags the command takes at most.
 * @throws OptionError if a flag is not known or has no value, or if there are more words.
 */
export function parseFlags<O extends NonNullable<ParseArgsConfig['options']>>(
  args: readonly string[],
  options: O,
  words = 0,
) {
  try {
    const { values, positionals } = parseArgs({ args: [...args], options, allowPositionals: true })
    const unexpected = positionals[words]
    // It may be a secret whose flag was forgotten, so only a short word is printed.
    if (unexpected !== undefined)
      throw new Error(`Unexpected argument${/^[\w-]{1,20}$/.test(unexpected) ? ` '${unexpected}'` : ''}`)
    return { flags: values, words: positionals }
  } catch (error) {
    const [said] = (error as Error).message.split(/\.(?: |$)|\n/)
    throw new OptionError(`${said}; --help lists the flags`)
  }
}

/**
 * The database that the flags or the environment name; `./sojourn.db` if they name none.
 *
 * @throws OptionError if it is neither a file nor the URL of a PostgreSQL database.
 */
export function toDb(flags: { readonly db?: string | undefined }, env: Environment): string {
  const db = flags.db ?? (env.SOJOURN_DB || './sojourn.db')
  checkDb(db)
  return db
}

/** Whether `--db` names a PostgreSQL database and not a file. */
export function isPostgres(db: string): boolean {
  return /^postgres(ql)?:\/\//.test(db)
}

/** The database without its password, for logs. */
export function toLogText(db: string): string {
  return isPostgres(db) ? db.replace(/^(\w+:\/\/[^:@/?]*):.*@/s, '$1@').replace(/\?.*/s, '') : db
}

function checkDb(db: string): void {
  const name = /^(\w{2,}):\/\//.exec(db)?.[1]
  if (name && !isPostgres(db))
    throw new OptionError(`--db ${name}://…: name a file, or postgres://user:password@host:5432/database`)
  if (!db || db === ':memory:') throw new OptionError('--db: name a file, such as ./sojourn.db')
  if (isPostgres(db) && /^\w+:\/\/([^@/]*@)?(\/|$)/.test(db))
    throw new OptionError('--db: name the host too: postgres://user:password@host:5432/database')
}

function parsePort(text: string): number {
  const port = /^\d{1,5}$/.test(text) ? Number(text) : Number.NaN
  if (!(port <= 65535)) throw new OptionError(`--port ${text}: a port is a whole number from 0 to 65535`)
  return port
}

function toOrigin(text: string): string {
  try {
    return parseOrigin(text)
  } catch (error) {
    throw new OptionError(`--origin ${text}: ${(error as Error).message}`)
  }
}
