import { parseTombstones, writeTombstones } from '../ops/tombstones-file.js'
import { dbFlags, OptionError, parseFlags, toDb } from '../options.js'
import type { ErasedAgain, TombstoneState } from '../store/rights.js'
import type { Command, CommandContext } from './command.js'
import { openStore } from './open-store.js'

const help = `sojourn-collector tombstones: keeps whom you have erased erased when an older backup is restored.

  tombstones save <file>    writes the tombstones of the database into a new file
  tombstones apply <file>   erases again whom they name, in a database that was restored

and --db or --db-file, as serve has them. A collector may run meanwhile. A tombstone is a keyed hash of whom was erased. The
file has the key too, so keep it as you keep a backup. restore does both by itself with the database that it replaces.`

/** Saves tombstones, and erases again by those that were saved, in the database of a collector that may be running. */
export const tombstones: Command = {
  name: 'tombstones',
  summary: 'keeps the erased erased when a backup is restored',
  help,
  run,
}

async function run({ args, env, print, warn, thread }: CommandContext): Promise<number> {
  const { flags, words } = parseFlags(args, dbFlags, 2)
  const [action = '', file] = words
  if (!/^(save|apply)$/.test(action) || !file)
    throw new OptionError('tombstones: write save <file> or apply <file>; tombstones --help shows how')
  const db = toDb(flags, env)
  const given = action === 'apply' ? read(file) : null
  const store = await openStore(db, { ...(thread && { thread }), warn, mustExist: true })
  try {
    if (given) {
      const erased = await store.rights.eraseAgain(given, Date.now())
      print(toErasedLine(erased))
      if (!erased.isKept) warn(`sojourn-collector: ${otherSecret}`)
      return erased.isKept ? 0 : 1
    }
    const state = await store.rights.tombstones()
    save(file, state)
    print(`saved ${state.rows.length} tombstones to ${file}`)
    return 0
  } finally {
    await store.close()
  }
}

/** The line about what was erased again. */
export function toErasedLine({ sessions, events, visits }: ErasedAgain): string {
  return `erased again: ${sessions} sessions, ${events} events and ${visits} whole visits`
}

/** What is said if tombstones cannot be kept. */
export const otherSecret =
  'these tombstones are of another database, so they are not kept: late records of persons of whom nothing is stored here would be stored. Erase those persons again by name'

function read(file: string): TombstoneState {
  try {
    return parseTombstones(file)
  } catch (error) {
    throw new Error(`${file}: ${(error as Error).message}`, { cause: error })
  }
}

function save(file: string, state: TombstoneState): void {
  try {
    writeTombstones(file, state)
  } catch (error) {
    throw new Error(`${file}: ${(error as Error).message}`, { cause: error })
  }
}
