import { type ParseArgsConfig, parseArgs } from 'node:util'
import { minFreeBytes } from './limits.js'
import { parseDatabase } from './ops/database.js'
import { isLogLevel, type LogLevel, logLevels } from './ops/log.js'
import { readSecretFile } from './ops/secrets.js'
import { isKeyText } from './sites/names.js'
import { isLoopbackName, parseOrigin } from './sites/origins.js'
import { parseTrust } from './web/trust.js'

/** The parsed options of the command. */
export interface Options {
  readonly db: string
  readonly host: string
  readonly port: number
  readonly keys: readonly string[]
  readonly origins: readonly string[]
  readonly readToken: string | null
  readonly isLoopback: boolean
  /** Whose forwarded addresses count, as `parseTrust` takes them. */
  readonly trustProxy: readonly string[]
  /** The database takes no more batches at this size. `null`: any size. */
  readonly maxDatabaseBytes: number | null
  /** The database takes no more batches if less is free on its disk. */
  readonly minFreeBytes: number
  readonly logLevel: LogLevel
  /** How long a collector that stops still accepts requests while `/readyz` says 503. */
  readonly drainMs: number
  /** Whether the collector serves the explorer. */
  readonly hasExplorer: boolean
}

/** An option is wrong. The message is one line that says how to correct it. */
export class OptionError extends Error {}

/** What `serve --help` prints. */
export const help = `sojourn-collector serve: receives and serves sessions until it is stopped.

  flag                 meaning                                        variable             default
  --db <file or url>   the database: a file of SQLite, or             SOJOURN_DB           ./sojourn.db
                       postgres://user:password@host:5432/database
  --db-file <file>     a file that contains what --db would be        SOJOURN_DB_FILE
  --port <number>      the port; 0 chooses a free one                 SOJOURN_PORT         4318
  --host <address>     the address to listen on                       SOJOURN_HOST         127.0.0.1
  --key <key>          a write key of the site default; may repeat    SOJOURN_KEY          on loopback: any key
  --origin <origin>    pages that may send with it; may repeat        SOJOURN_ORIGIN       on loopback: this machine's
  --read-token <token> a token that may read all sites                SOJOURN_READ_TOKEN   on loopback: none
  --read-token-file <file>  a file that contains it                   SOJOURN_READ_TOKEN_FILE
  --trust-proxy <address>   whose forwarded addresses count: an      SOJOURN_TRUST_PROXY
                       address, a range such as 10.0.0.0/8, or
                       the word loopback; may repeat
  --max-db-bytes <n>   take no more batches at this database size     SOJOURN_MAX_DB_BYTES any size
  --min-free-bytes <n> take none if less is free on its disk          SOJOURN_MIN_FREE_BYTES 256M
  --log-level <level>  fatal, error, warn, info, debug, or silent     SOJOURN_LOG_LEVEL    info
  --drain <seconds>    how long /readyz says 503 before a stop        SOJOURN_DRAIN        0
  --no-explorer        serve no explorer at /                         SOJOURN_NO_EXPLORER  it is served
  --help               prints this text

More sites, keys and tokens are made with the commands site and token. A flag overrides its variable. In a variable,
several keys, origins or addresses are separated by commas. Other users of the
machine may see flags, so give a password or a token in a file or in a variable.`

/** The environment variables of the process. */
export type Environment = Readonly<Record<string, string | undefined>>

/** The flags of every command that opens the database, as `parseFlags` takes them. */
export const dbFlags = { db: { type: 'string' }, 'db-file': { type: 'string' } } as const

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
    'read-token-file': { type: 'string' },
    'trust-proxy': { type: 'string', multiple: true },
    'max-db-bytes': { type: 'string' },
    'min-free-bytes': { type: 'string' },
    'log-level': { type: 'string' },
    drain: { type: 'string' },
    'no-explorer': { type: 'boolean' },
  })
  const one = (flag: string | undefined, name: string, otherwise: string): string => flag ?? (env[name] || otherwise)
  const many = (flag: readonly string[] | undefined, name: string): readonly string[] =>
    flag ?? (env[name] ?? '').split(',').flatMap(part => part.trim() || [])

  const host = one(flags.host, 'SOJOURN_HOST', '127.0.0.1').replace(/^\[(.*)\]$/, '$1')
  const isLoopback = isLoopbackName(host.includes(':') ? `[${host}]` : host)
  const options = {
    db: toDb(flags, env),
    host,
    port: parseWhole('--port', one(flags.port, 'SOJOURN_PORT', '4318'), 65535, 'a port'),
    keys: many(flags.key, 'SOJOURN_KEY'),
    origins: many(flags.origin, 'SOJOURN_ORIGIN').map(toOrigin),
    readToken: toSecret(flags, env, 'read-token') ?? null,
    isLoopback,
    trustProxy: many(flags['trust-proxy'], 'SOJOURN_TRUST_PROXY'),
    maxDatabaseBytes: parseBytes('--max-db-bytes', one(flags['max-db-bytes'], 'SOJOURN_MAX_DB_BYTES', ''), 1),
    minFreeBytes:
      parseBytes('--min-free-bytes', one(flags['min-free-bytes'], 'SOJOURN_MIN_FREE_BYTES', ''), 0) ?? minFreeBytes,
    logLevel: parseLogLevel(one(flags['log-level'], 'SOJOURN_LOG_LEVEL', 'info')),
    drainMs: 1000 * parseWhole('--drain', one(flags.drain, 'SOJOURN_DRAIN', '0'), 3600, 'a number of seconds'),
    hasExplorer: !(flags['no-explorer'] ?? parseSwitch('SOJOURN_NO_EXPLORER', env)),
  }
  if (!host) throw new OptionError('--host: name an address, such as 127.0.0.1')
  for (const key of options.keys)
    if (!isKeyText(key))
      throw new OptionError(`--key ${key}: a key is 1 to 100 letters, digits, dots, hyphens or underscores`)
  if (options.readToken !== null && !/^[\x21-\x7e]+$/.test(options.readToken))
    throw new OptionError('--read-token: a token is visible ASCII characters, without spaces')
  try {
    parseTrust(options.trustProxy)
  } catch (error) {
    throw new OptionError(`--trust-proxy ${(error as Error).message}`)
  }
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
    if (unexpected !== undefined) throw new Error(`Unexpected argument '${unexpected}'`)
    return { flags: values, words: positionals }
  } catch (error) {
    const [said = ''] = (error as Error).message.split(/\.?(?:\n|$)|\. /)
    // What is no flag may be a secret whose flag was forgotten or mistyped, so only a word of small letters is printed.
    const isWord = /^[^']*'-{0,2}[a-z-]{1,20}(?: <value>)?'[^']*$/.test(said)
    const shown = isWord ? said : said.replace(/ *'[^]*/, '')
    throw new OptionError(`${shown}; --help lists the flags`)
  }
}

/**
 * The database that the flags or the environment name; `./sojourn.db` if they name none.
 *
 * @throws OptionError if it is neither a file nor the URL of a PostgreSQL database. The message contains no password.
 */
export function toDb(flags: SecretFlags<'db'>, env: Environment): string {
  const db = toSecret(flags, env, 'db') ?? './sojourn.db'
  try {
    parseDatabase(db)
  } catch (error) {
    throw new OptionError(`--db: ${(error as Error).message}`)
  }
  return db
}

type SecretFlags<N extends string> = Readonly<Partial<Record<N | `${N}-file`, string | undefined>>>

/**
 * A secret that a flag or a variable gives, or the content of the file that it names. An empty variable gives nothing.
 *
 * @returns `undefined` if nothing gives it.
 */
function toSecret<N extends string>(flags: SecretFlags<N>, env: Environment, name: N): string | undefined {
  const variable = `SOJOURN_${name.toUpperCase().replace('-', '_')}`
  const [flag, fileFlag] = [flags[name], flags[`${name}-file`]]
  const isGiven = flag !== undefined || fileFlag !== undefined
  const text = isGiven ? flag : env[variable] || undefined
  const file = isGiven ? fileFlag : env[`${variable}_FILE`] || undefined
  const [textName, fileName] = isGiven ? [`--${name}`, `--${name}-file`] : [variable, `${variable}_FILE`]
  if (text !== undefined && file !== undefined) throw new OptionError(`${textName}, ${fileName}: give one of them`)
  return file === undefined ? text : toSecretOf(fileName, file)
}

/** The secret that a file contains. @throws OptionError that begins with the name of the flag, and never shows the secret. */
export function toSecretOf(flag: string, file: string): string {
  try {
    return readSecretFile(file)
  } catch (error) {
    throw new OptionError(`${flag}: ${(error as Error).message}`)
  }
}

/** @param what the message calls the number, such as `a port`. */
function parseWhole(flag: string, text: string, max: number, what: string): number {
  const number = /^\d{1,5}$/.test(text) ? Number(text) : Number.NaN
  if (!(number <= max)) throw new OptionError(`${flag} ${text}: ${what} is a whole number from 0 to ${max}`)
  return number
}

/** Parses a size: a whole number of bytes, or one with K, M, G or T after it. `null`: there is none. */
function parseBytes(name: string, text: string, least: 0 | 1): number | null {
  if (!text) return null
  const [, digits = '', unit = ''] = /^(\d+)([KMGT]?)$/i.exec(text) ?? []
  const bytes = Number(digits) * 1024 ** ('KMGT'.indexOf(unit.toUpperCase()) + (unit ? 1 : 0))
  if (!digits)
    throw new OptionError(`${name} ${text}: a size is a whole number of bytes, or one with K, M, G or T: 20G`)
  if (bytes < least)
    throw new OptionError(`${name} ${text}: the size must be above 0; without ${name}, any size is allowed`)
  if (!Number.isSafeInteger(bytes)) throw new OptionError(`${name} ${text}: no disk has so much`)
  return bytes
}

/** Reads the variable of a flag that has no value. An empty variable says no. */
function parseSwitch(name: string, env: Environment): boolean {
  const text = env[name] ?? ''
  if (!/^(|0|1|true|false)$/.test(text)) throw new OptionError(`${name}: write 1 or 0`)
  return /^(1|true)$/.test(text)
}

function parseLogLevel(text: string): LogLevel {
  if (!isLogLevel(text)) throw new OptionError(`--log-level ${text}: a level is one of ${logLevels.join(', ')}`)
  return text
}

function toOrigin(text: string): string {
  try {
    return parseOrigin(text)
  } catch (error) {
    throw new OptionError(`--origin ${text}: ${(error as Error).message}`)
  }
}
