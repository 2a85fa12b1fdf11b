import { dbFlags, OptionError, parseFlags, toDb } from '../options.js'
import type { AdminState } from '../sites/admin.js'
import { isSpan, toSpan } from '../sites/times.js'
import type { CommandContext } from './command.js'
import { type OpenedStore, openStore } from './open-store.js'
import { parseMoment } from './times.js'

/** The flags of one action of a command, as `parseFlags` takes them, without those of the database. */
type Flags = NonNullable<Parameters<typeof parseFlags>[1]>

/** What an action gets. */
export interface ActionParts {
  /** What stands after the action, besides flags. */
  readonly words: readonly string[]
  /** The first value of a flag. */
  readonly one: (flag: string) => string | undefined
  /** All values of a flag. */
  readonly all: (flag: string) => readonly string[]
  /** Unix epoch, ms. */
  readonly now: number
}

/** What a command does to the admin state of a database. */
export interface Action {
  /** How many words it takes at least and at most. */
  readonly words: readonly [number, number]
  readonly flags: Flags
  /** Whether it may be the first thing that is done to a database, so that it makes one if there is none. */
  readonly isFirst?: boolean
  /**
   * Prepares the action from its words and flags.
   *
   * @returns how it changes the state (left out: not at all), the lines that it prints then, and notes on them, which go
   *   where warnings go.
   * @throws OptionError for a wrong word or flag.
   */
  readonly prepare: (parts: ActionParts) => {
    readonly change?: (state: AdminState) => AdminState
    readonly tell: (state: AdminState, store: OpenedStore) => readonly string[] | Promise<readonly string[]>
    readonly notes?: readonly string[]
  }
}

/**
 * Runs the action that the first words name, such as `origin add`, in the database that the flags name. A collector that
 * runs on the same database notices the change within a second.
 *
 * @throws (rejects) OptionError if no action has this name, or if its words or flags are wrong. An error if there is no
 *   database, unless the action may make one.
 */
export async function administer(
  command: string,
  actions: Readonly<Record<string, Action>>,
  { args, env, print, warn, thread }: CommandContext,
): Promise<number> {
  const name = Object.keys(actions).find(one => one.split(' ').every((word, place) => args[place] === word))
  const action = name === undefined ? undefined : actions[name]
  if (!action || name === undefined)
    throw new OptionError(`${command}: say what to do: ${Object.keys(actions).join(', ')}; --help explains them`)
  const [least, most] = action.words
  const { flags, words } = parseFlags(args.slice(name.split(' ').length), { ...action.flags, ...dbFlags }, most)
  if (words.length < least) throw new OptionError(`${command} ${name}: a word is missing; ${command} --help shows it`)
  const values = flags as Readonly<Record<string, string | readonly string[] | undefined>>
  const all = (flag: string): readonly string[] => [values[flag] ?? []].flat()
  const { change, tell, notes = [] } = action.prepare({ words, one: flag => all(flag)[0], all, now: Date.now() })
  const db = toDb(flags as { db?: string }, env)
  const store = await openStore(db, { ...(thread && { thread }), warn, mustExist: !action.isFirst })
  try {
    const state = change ? await store.admin.change(change) : await store.admin.read()
    for (const line of await tell(state, store)) print(line)
    for (const note of notes) warn(note)
    return 0
  } finally {
    await store.close()
  }
}

/**
 * Reads when something ends: a day (`2027-01-31`, by UTC) or a time of ISO 8601, a span from now such as `30d`, `now`, or
 * `never`.
 *
 * @returns Unix epoch, ms; `null` for never.
 * @throws OptionError if it is none of these.
 */
export function parseEnd(flag: string, text: string, now: number): number | null {
  if (text === 'never') return null
  if (text === 'now') return now
  if (isSpan(text)) return now + toSpan(text)
  const at = parseMoment(text)
  if (Number.isNaN(at)) throw new OptionError(`${flag} ${text}: write it as 30d, 2027-01-31, now or never`)
  return at
}

/** A time for people: the day and the minute by UTC. */
export function toDay(at: number): string {
  const text = new Date(at).toISOString()
  return text.endsWith('T00:00:00.000Z') ? text.slice(0, 10) : `${text.slice(0, 16).replace('T', ' ')} UTC`
}
