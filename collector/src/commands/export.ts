import { createWriteStream, existsSync, readFileSync, rmSync } from 'node:fs'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { type Positions, parseCursorWord, readEvents, toCursorWord } from '../export/events.js'
import { toCsv, toNdjson } from '../export/lines.js'
import { toParquet } from '../export/parquet.js'
import { exportMarginMs } from '../limits.js'
import { type FileLock, lockFile } from '../ops/sqlite/file-lock.js'
import { dbFlags, OptionError, parseFlags, toDb } from '../options.js'
import { defaultSite } from '../sites/names.js'
import type { Command, CommandContext } from './command.js'
import { finishNames, giveNames, toPart } from './export-files.js'
import { openStore } from './open-store.js'
import { isTime, parseTime } from './times.js'

const help = `sojourn-collector export: writes events, with what their visits and sessions say, to a file.

  flag                 meaning                                        variable             default
  --since <time>       events received since then: 2027-01-31, a time                      the beginning
                       of ISO 8601 or in ms, or the cursor that an
                       export has printed
  --until <time>       events received until then                                          two minutes ago
  --site <name>        only this site; may repeat                                          all sites
  --format <name>      ndjson, csv or parquet                                              ndjson
  --out <file>         a new file, or - for the standard output                            -
  --cursor <file>      begins with the cursor in this file if it is
                       there, and writes the new one into it
  --db <file or url>   the database                                   SOJOURN_DB           ./sojourn.db
  --db-file <file>     a file that contains what --db would be        SOJOURN_DB_FILE

A collector may be running. An export that begins with the cursor of the one before has each event once. Events of the
last two minutes are left to the next export, because some that were received before them may still be on their way into
the database.`

const formats = { ndjson: toNdjson, csv: toCsv, parquet: toParquet }

/** Writes events into a file, or to the standard output. */
export const exportEvents: Command = {
  name: 'export',
  summary: 'writes events to a file: NDJSON, CSV or Parquet',
  help,
  run,
}

async function run(context: CommandContext): Promise<number> {
  const flags = parse(context.args)
  const { out = '-', cursor } = flags
  const locks: FileLock[] = []
  try {
    if (out !== '-') locks.push(lock('--out', out))
    // The second of two exports that begin with one cursor would have the events of the first again.
    if (cursor !== undefined) locks.push(lock('--cursor', cursor))
    return await runAlone(flags, context)
  } finally {
    for (const { free } of locks) free()
  }
}

function parse(args: readonly string[]) {
  const text = { type: 'string' } as const
  const { flags } = parseFlags(args, {
    ...dbFlags,
    since: text,
    until: text,
    format: text,
    out: text,
    cursor: text,
    site: { type: 'string', multiple: true },
  })
  const { format = 'ndjson', cursor, out } = flags
  if (!Object.hasOwn(formats, format)) throw new OptionError(`--format ${format}: it is ndjson, csv or parquet`)
  if (cursor !== undefined && cursor === out) throw new OptionError('--out, --cursor: name two files')
  return flags
}

function lock(flag: string, file: string): FileLock {
  try {
    return lockFile(file)
  } catch (error) {
    throw new Error(`${flag} ${file}: ${(error as Error).message}`, { cause: error })
  }
}

/** Exports while no other process writes its files. */
async function runAlone(
  flags: ReturnType<typeof parse>,
  { env, print, warn, thread }: CommandContext,
): Promise<number> {
  const { out = '-', format = 'ndjson', cursor } = flags
  if (cursor !== undefined) finishNames(cursor)
  if (out !== '-' && existsSync(out)) throw new OptionError(`--out ${out}: this file is there already`)
  if (cursor !== undefined && flags.since !== undefined && existsSync(cursor))
    throw new OptionError(`--since, --cursor: ${cursor} says where to begin, so leave out --since`)
  const first = cursor !== undefined && existsSync(cursor) ? readBegin(cursor) : parseBegin(flags.since)
  const latest = Date.now() - exportMarginMs
  const until = flags.until === undefined ? latest : Math.min(latest, parseTime('--until', flags.until))
  const store = await openStore(toDb(flags, env), { ...(thread && { thread }), warn, mustExist: true })
  try {
    const known = [...new Set([defaultSite, ...(await store.admin.read()).sites.map(({ name }) => name)])]
    const unknown = flags.site?.find(one => !known.includes(one))
    if (unknown !== undefined) throw new OptionError(`--site ${unknown}: there is no such site`)
    const events = readEvents(store, { sites: flags.site ?? known, until, ...first })
    const bytes = Readable.from(formats[format as keyof typeof formats](events.parts))
    await write(bytes, out)
    const next = toCursorWord(events.positions())
    giveNames(out, cursor, next)
    const tell = out === '-' ? warn : print
    tell(`exported ${events.count()} events`)
    tell(`cursor: ${next}`)
    return 0
  } finally {
    await store.close()
  }
}

/** Writes all bytes. If it fails, the part of the file is deleted, because the disk may be full. */
async function write(bytes: Readable, out: string): Promise<void> {
  let trouble: NodeJS.ErrnoException | undefined
  const output = openOut(out).on('error', error => (trouble = error))
  try {
    await pipeline(bytes, output)
  } catch (error) {
    if (out !== '-') rmSync(toPart(out), { force: true })
    if (error !== trouble) throw error
    const { code, message } = trouble as NodeJS.ErrnoException
    const said = code === 'EPIPE' ? 'the program that reads it has ended before all was written' : message
    throw new Error(`--out ${out}: ${said}`, { cause: error })
  }
}

function openOut(out: string): NodeJS.WritableStream {
  if (out === '-') return createWriteStream('', { fd: 1, autoClose: false })
  return createWriteStream(toPart(out), { mode: 0o600, flush: true })
}

/** Reads where to begin from a file of an earlier export. */
function readBegin(file: string): { since: number; positions: Positions } {
  const positions = parseCursorWord(readFileSync(file, 'utf8').trim())
  if (!positions)
    throw new OptionError(`--cursor ${file}: there is no cursor in this file, so it is not an earlier export's`)
  return begin(`--cursor ${file}`, 0, positions)
}

/** Reads where to begin: a time or a cursor. */
function parseBegin(text: string | undefined): { since: number; positions: Positions } {
  if (text === undefined) return { since: 0, positions: {} }
  const positions = isTime(text) ? null : parseCursorWord(text)
  const flag = positions ? '--since' : `--since ${text}`
  return begin(flag, positions ? 0 : parseTime('--since', text), positions ?? {})
}

/** @throws OptionError if it is ahead of now: whatever is received until then would be left out, by the next exports too. */
function begin(flag: string, since: number, positions: Positions): { since: number; positions: Positions } {
  const last = Math.max(since, ...Object.values(positions).map(([at]) => Number(at)))
  if (last > Date.now())
    throw new OptionError(`${flag}: it begins at a time ahead of now, and would leave out what is received until then`)
  return { since, positions }
}
