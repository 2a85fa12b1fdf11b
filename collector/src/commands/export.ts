import { createWriteStream, existsSync, readFileSync, rmSync } from 'node:fs'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { type Positions, parseCursorWord, readEvents, toCursorWord } from '../export/events.js'
import { toCsv, toNdjson } from '../export/lines.js'
import { toParquet } from '../export/parquet.js'
import { exportMarginMs } from '../limits.js'
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

async function run({ args, env, print, warn, thread }: CommandContext): Promise<number> {
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
  const { out = '-', format = 'ndjson', cursor } = flags
  if (!Object.hasOwn(formats, format)) throw new OptionError(`--format ${format}: it is ndjson, csv or parquet`)
  if (cursor !== undefined) finishNames(cursor)
  if (out !== '-' && existsSync(out)) throw new OptionError(`--out ${out}: this file is there already`)
  if (cursor !== undefined && flags.since !== undefined && existsSync(cursor))
    throw new OptionError(`--since, --cursor: ${cursor} says where to begin, so leave out --since`)
  if (cursor === out) throw new OptionError('--out, --cursor: name two files')
  const begin = cursor !== undefined && existsSync(cursor) ? readBegin(cursor) : parseBegin(flags.since)
  const latest = Date.now() - exportMarginMs
  const until = flags.until === undefined ? latest : Math.min(latest, parseTime('--until', flags.until))
  const store = await openStore(toDb(flags, env), { ...(thread && { thread }), warn, mustExist: true })
  try {
    const known = [...new Set([defaultSite, ...(await store.admin.read()).sites.map(({ name }) => name)])]
    const unknown = flags.site?.find(one => !known.includes(one))
    if (unknown !== undefined) throw new OptionError(`--site ${unknown}: there is no such site`)
    const events = readEvents(store, { sites: flags.site ?? known, until, ...begin })
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
  return { since: 0, positions }
}

/** Reads where to begin: a time or a cursor. */
function parseBegin(text: string | undefined): { since: number; positions: Positions } {
  if (text === undefined) return { since: 0, positions: {} }
  const positions = isTime(text) ? null : parseCursorWord(text)
  return positions ? { since: 0, positions } : { since: parseTime('--since', text), positions: {} }
}
