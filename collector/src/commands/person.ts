import { toPlainJson } from '../ops/plain.js'
import { dbFlags, OptionError, parseFlags, toDb } from '../options.js'
import { tellPerson } from '../query/person.js'
import type { Command } from './command.js'
import { openStore } from './open-store.js'
import { toSite } from './site-of.js'

const help = `sojourn-collector person <identityId>: prints everything that is stored of a person, as JSON.

  --site <name>   the site; needed if there are several

and --db or --db-file, as serve has them. A collector may run meanwhile.`

/** Prints everything that is stored of one person, so that an operator can give it to them. */
export const person: Command = {
  name: 'person',
  summary: 'prints everything that is stored of a person',
  help,
  async run({ args, env, print, warn, thread }) {
    const { flags, words } = parseFlags(args, { site: { type: 'string' }, ...dbFlags }, 1)
    const [identityId] = words
    if (!identityId) throw new OptionError('person: name the identity; person --help shows how')
    const store = await openStore(toDb(flags, env), { ...(thread && { thread }), warn, mustExist: true })
    try {
      const site = toSite(await store.admin.read(), flags.site)
      let isKnown = false
      for await (const piece of tellPerson(store, site, identityId, Date.now())) {
        isKnown = true
        // A piece ends between two values, so that a line may end there too.
        if (piece) print(toPlainJson(piece))
      }
      if (!isKnown) warn(`sojourn-collector: nothing is stored of this person in the site ${site}`)
      return isKnown ? 0 : 1
    } finally {
      await store.close()
    }
  },
}
