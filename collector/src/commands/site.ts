import { OptionError, toSecretOf } from '../options.js'
import { toPluginNames } from '../scripts/address.js'
import {
  addKey,
  addOrigins,
  addSecret,
  addSite,
  endSite,
  removeOrigins,
  removeSecret,
  setSite,
  toSecretID,
  withdrawKey,
} from '../sites/changes.js'
import { toTag } from '../sites/tag.js'
import { isSpan, toSpan } from '../sites/times.js'
import { makeKey, makeSecret } from '../sites/tokens.js'
import { type Action, administer, parseEnd, toDay } from './administer.js'
import type { Command } from './command.js'
import { tellTag } from './site-tag.js'
import { toList, toOrigin, toQuota, toQuotaText, toTagNotes, toUrl } from './site-text.js'

const help = `sojourn-collector site: adds and changes sites. A running collector notices within a second.

  site add <name>                     adds a site; prints its write key and the tag of its pages
      --origin <origin>                 whose pages may send, such as https://shop.example; repeat for more
      --key <key>                       a key that is in use already; else a new one is made
      --url <url>                       where pages reach the collector, for the tag
  site tag <name>                     prints the tag of its pages
      --plugins <names>                 what it records by itself, such as clicks,vitals
      --pinned                          with the hash of the script, so that a browser runs no other bytes
      --url <url>                       where pages reach the collector
  site list                           shows all sites
  site rotate-key <name>              makes a new key
      --until <end>                     when the old keys end: 30d (the default), 2027-01-31, now or never
  site withdraw-key <key>             ends a key at once
  site origin add <name> <origin>     lets pages of an origin send
  site origin remove <name> <origin>  lets them send no more
  site keep <name> <span>             how long records are kept, such as 400d, or forever
  site quota <name>                   what the site may send in a minute; what is left out is not limited
      --requests, --bytes, --records <number>
  site proof-secret add <name>        makes a secret with which the server of the site signs identities;
                                      from then on the collector takes signed identities only
      --secret-file <file>              a secret of at least 16 characters; else a new one is made
  site proof-secret remove <name> <id>   ends a secret; site list shows the ids
  site end <name>                     takes nothing more for the site; what is stored can be read

Each has the flags --db and --db-file, as serve has them. The site default exists without being added.`

/** Adds and changes sites, in the database of a collector that may be running. */
export const site: Command = {
  name: 'site',
  summary: 'adds and changes sites, their keys, origins and limits',
  help,
  run: context => administer('site', actions, context),
}

const text = { type: 'string' } as const
const flag = { type: 'boolean' } as const
const texts = { type: 'string', multiple: true } as const

const actions: Readonly<Record<string, Action>> = {
  add: {
    isFirst: true,
    words: [1, 1],
    flags: { origin: texts, key: text, url: text },
    prepare({ words: [name = ''], one, all, now }) {
      const origins = all('origin').map(origin => toOrigin('--origin', origin))
      const key = one('key') ?? makeKey()
      const url = toUrl(one('url'))
      return {
        notes: toTagNotes(url),
        change: state => addOrigins(addSite(state, name, key, now), name, origins, now),
        tell: () => [
          `The site ${name} has the write key ${key}. Paste this into its pages:`,
          toTag(url, key),
          ...(origins.length ? [] : [`No page may send yet: sojourn-collector site origin add ${name} https://…`]),
        ],
      }
    },
  },
  tag: {
    words: [1, 1],
    flags: { plugins: text, pinned: flag, url: text },
    prepare({ words: [name = ''], one, now }) {
      const url = toUrl(one('url'))
      const wanted = { plugins: toPluginNames(one('plugins') ?? ''), isPinned: one('pinned') !== undefined }
      return {
        notes: toTagNotes(url),
        tell: (state, store) => tellTag({ name, url, now, ...wanted }, state, store.scripts),
      }
    },
  },
  list: { words: [0, 0], flags: {}, prepare: ({ now }) => ({ tell: state => toList(state, now) }) },
  'rotate-key': {
    words: [1, 1],
    flags: { until: text, url: text },
    prepare({ words: [name = ''], one, now }) {
      const until = parseEnd('--until', one('until') ?? '30d', now)
      const key = makeKey()
      const url = toUrl(one('url'))
      const old = until === null ? 'go on' : until <= now ? 'have ended' : `end ${toDay(until)}`
      return {
        notes: toTagNotes(url),
        change: state => addKey(state, name, key, until, now),
        tell: () => [
          `The site ${name} has the new write key ${key}; its old keys ${old}. Paste this into its pages:`,
          toTag(url, key),
        ],
      }
    },
  },
  'withdraw-key': {
    words: [1, 1],
    flags: {},
    prepare: ({ words: [key = ''], now }) => ({
      change: state => withdrawKey(state, key, now),
      tell: () => [`The key ${key} has ended.`],
    }),
  },
  'origin add': {
    words: [2, 50],
    flags: {},
    prepare({ words: [name = '', ...given], now }) {
      const origins = given.map(origin => toOrigin('site origin add', origin))
      return {
        change: state => addOrigins(state, name, origins, now),
        tell: () => [`Pages of ${origins.join(', ')} may send to the site ${name}.`],
      }
    },
  },
  'origin remove': {
    words: [2, 50],
    flags: {},
    prepare({ words: [name = '', ...given], now }) {
      const origins = given.map(origin => toOrigin('site origin remove', origin))
      return {
        change: state => removeOrigins(state, name, origins, now),
        tell: () => [`Pages of ${origins.join(', ')} may send to the site ${name} no more.`],
      }
    },
  },
  keep: {
    words: [2, 2],
    flags: {},
    prepare({ words: [name = '', span = ''], now }) {
      if (span !== 'forever' && !isSpan(span))
        throw new OptionError(`site keep ${span}: write it as 400d, 12h, 90m or forever`)
      const keepMs = span === 'forever' ? null : toSpan(span)
      return {
        change: state => setSite(state, name, { keepMs }, now),
        tell: () => [`The site ${name} keeps its records ${span === 'forever' ? span : `for ${span}`}.`],
      }
    },
  },
  quota: {
    words: [1, 1],
    flags: { requests: text, bytes: text, records: text },
    prepare({ words: [name = ''], one, now }) {
      const quota = toQuota(one)
      return {
        change: state => setSite(state, name, { quota }, now),
        tell: () => [`The site ${name} may send ${toQuotaText(quota)}.`],
      }
    },
  },
  'proof-secret add': {
    words: [1, 1],
    flags: { 'secret-file': text },
    prepare({ words: [name = ''], one, now }) {
      const file = one('secret-file')
      const secret = file === undefined ? makeSecret() : toSecretOf('--secret-file', file)
      return {
        change: state => addSecret(state, name, secret, now),
        tell: () => [
          `The site ${name} takes only identities that are signed with one of its secrets. The new one has the id ${toSecretID(secret)}.`,
          ...(file === undefined ? ['Give this secret to the server of the site. It is not shown again:', secret] : []),
        ],
      }
    },
  },
  'proof-secret remove': {
    words: [2, 2],
    flags: {},
    prepare: ({ words: [name = '', id = ''], now }) => ({
      change: state => removeSecret(state, name, id, now),
      tell: state => [
        `The secret ${id} of the site ${name} has ended.`,
        ...(state.secrets.some(one => one.site === name) ? [] : ['It was the last, so unsigned identities are taken.']),
      ],
    }),
  },
  end: {
    words: [1, 1],
    flags: {},
    prepare: ({ words: [name = ''], now }) => ({
      change: state => endSite(state, name, now),
      tell: () => [`The site ${name} has ended. What is stored can be read.`],
    }),
  },
}
