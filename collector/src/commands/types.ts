import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { type RecentShapes, readShapes } from '../export/recent.js'
import { maxShapeNames } from '../export/type-limits.js'
import { toInterface } from '../export/typescript.js'
import { dbFlags, OptionError, parseFlags, toDb } from '../options.js'
import type { Command, CommandContext } from './command.js'
import { openStore } from './open-store.js'
import { toSite } from './site-of.js'
import { parseTime } from './times.js'

const help = `sojourn-collector types: prints the interface Events of TypeScript from what a site has sent.

  flag                 meaning                                        variable             default
  --site <name>        the site; needed if there are several                               the only one
  --since <time>       events received since then: 2027-01-31, a time                      the beginning
                       of ISO 8601 or in ms
  --literals           a text that had few short values is written as
                       those values
  --out <file>         a file, or - for the standard output. A file                        -
                       that this command has made is replaced
  --db <file or url>   the database                                   SOJOURN_DB           ./sojourn.db
  --db-file <file>     a file that contains what --db would be        SOJOURN_DB_FILE

A collector may be running. It looks at the newest 200,000 events. Give the result to createTracker<Events>().`

const madeBy = '// Made by: sojourn-collector types'

/** Prints the TypeScript types of the events that a site has sent. */
export const types: Command = {
  name: 'types',
  summary: 'prints the TypeScript interface of the events of a site',
  help,
  run,
}

async function run({ args, env, print, warn, thread }: CommandContext): Promise<number> {
  const text = { type: 'string' } as const
  const { flags } = parseFlags(args, { ...dbFlags, site: text, since: text, out: text, literals: { type: 'boolean' } })
  const { out = '-', literals: hasLiterals = false } = flags
  if (out !== '-' && existsSync(out) && !readFileSync(out, 'utf8').startsWith(madeBy))
    throw new OptionError(`--out ${out}: this file is there already, and this command has not made it`)
  const since = flags.since === undefined ? 0 : parseTime('--since', flags.since)
  const store = await openStore(toDb(flags, env), { ...(thread && { thread }), warn, mustExist: true })
  try {
    const site = toSite(await store.admin.read(), flags.site)
    const shapes = await readShapes(store.of(site), since)
    // The name of a site is of small letters, digits, dots, hyphens and underscores, so it cannot end the comment.
    const lines = `${madeBy} --site ${site}${hasLiterals ? ' --literals' : ''}\n\n${toInterface(shapes, { hasLiterals })}`
    if (out === '-') print(lines.trimEnd())
    else {
      writeFileSync(`${out}.part`, lines)
      renameSync(`${out}.part`, out)
      print(`wrote ${shapes.byName.size} events to ${out}`)
    }
    for (const line of toWarnings(shapes)) warn(`sojourn-collector: ${line}`)
    return 0
  } finally {
    await store.close()
  }
}

/** What the types do not tell. */
function toWarnings({ byName, looked, oldest, isCut }: RecentShapes): string[] {
  return [
    ...(byName.size ? [] : ['no event was sent, so the interface is empty']),
    ...(isCut() ? [`there are more than ${maxShapeNames} names of events; the others are left out`] : []),
    ...(oldest === null ? [] : [`looked at the newest ${looked} events, back to ${new Date(oldest).toISOString()}`]),
  ]
}
