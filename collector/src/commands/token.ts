import { OptionError } from '../options.js'
import { type Right, rights, type TokenRow } from '../sites/admin.js'
import { addToken, endToken } from '../sites/changes.js'
import { makeSecret } from '../sites/tokens.js'
import { type Action, administer, parseEnd, toDay } from './administer.js'
import type { Command } from './command.js'
import { toEnd } from './site-text.js'

const help = `sojourn-collector token: adds and ends the tokens of readers. A running collector notices within a second.

  token add <name>          makes a token and prints it; it is not shown again
      --site <site>           what it covers; repeat for more. Else it covers all sites
      --right <right>         what it allows: read (the default), export, erase or metrics; repeat for more
      --until <end>           when it ends: 90d, 2027-01-31, or never (the default)
  token list                shows all tokens, without what is secret
  token end <name>          ends a token at once

Each has the flags --db and --db-file, as serve has them.`

/** Adds and ends tokens, in the database of a collector that may be running. */
export const token: Command = {
  name: 'token',
  summary: 'adds and ends the tokens of readers',
  help,
  run: context => administer('token', actions, context),
}

const text = { type: 'string' } as const
const texts = { type: 'string', multiple: true } as const

const actions: Readonly<Record<string, Action>> = {
  add: {
    isFirst: true,
    words: [1, 1],
    flags: { site: texts, right: texts, until: text },
    prepare({ words: [name = ''], one, all, now }) {
      const sites = all('site').length ? [...new Set(all('site'))] : null
      const given = all('right').map(toRight)
      const some = given.length ? rights.filter(right => given.includes(right)) : (['read'] as const)
      const endsAt = parseEnd('--until', one('until') ?? 'never', now)
      const secret = makeSecret()
      const made = { name, sites, rights: some, endsAt }
      return {
        change: state => addToken(state, made, secret, now),
        tell: () => [`The token ${name} may ${toText(made, now)}. It is not shown again:`, secret],
      }
    },
  },
  list: {
    words: [0, 0],
    flags: {},
    prepare: ({ now }) => ({
      tell: ({ tokens }) =>
        tokens.length
          ? tokens
              .toSorted((a, b) => (a.name < b.name ? -1 : 1))
              .map(one => `${one.name}: ${toText(one, now)}, since ${toDay(one.createdAt)}`)
          : ['There is no token: sojourn-collector token add <name>'],
    }),
  },
  end: {
    words: [1, 1],
    flags: {},
    prepare: ({ words: [name = ''], now }) => ({
      change: state => endToken(state, name, now),
      tell: () => [`The token ${name} has ended.`],
    }),
  },
}

function toRight(given: string): Right {
  const found = rights.find(right => right === given)
  if (!found) throw new OptionError(`--right ${given}: a right is one of ${rights.join(', ')}`)
  return found
}

function toText({ sites, rights: some, endsAt }: Pick<TokenRow, 'sites' | 'rights' | 'endsAt'>, now: number): string {
  return `${some.join(', ')} ${sites ? sites.join(', ') : 'all sites'}${toEnd(endsAt, now)}`
}
