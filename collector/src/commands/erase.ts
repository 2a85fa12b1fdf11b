import { dbFlags, OptionError, parseFlags, toDb } from '../options.js'
import type { Command } from './command.js'
import { openStore } from './open-store.js'
import { toSite } from './site-of.js'

const help = `sojourn-collector erase <identityId>: erases a person everywhere.

  --site <name>   the site; needed if there are several

and --db or --db-file, as serve has them. A collector may run meanwhile. What arrives later of the earlier time is
answered as gone, at every collector, and the browsers that hold it delete it. A later sign-in is a new start. Backups
made before still contain the person: tombstones --help says how a restore erases again.`

/** Erases a person, in the database of a collector that may be running. */
export const erase: Command = {
  name: 'erase',
  summary: 'erases a person everywhere',
  help,
  async run({ args, env, print, warn, thread }) {
    const { flags, words } = parseFlags(args, { site: { type: 'string' }, ...dbFlags }, 1)
    const [identityId] = words
    if (!identityId) throw new OptionError('erase: name the identity; erase --help shows how')
    const store = await openStore(toDb(flags, env), { ...(thread && { thread }), warn, mustExist: true })
    try {
      const site = toSite(await store.admin.read(), flags.site)
      const { sessions, events, visits } = await store.rights.erase(site, identityId, Date.now())
      print(`Erased from the site ${site}: ${sessions} sessions, ${events} events and ${visits} whole visits.`)
      return 0
    } finally {
      await store.close()
    }
  },
}
