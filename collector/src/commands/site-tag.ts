import { OptionError } from '../options.js'
import { createComposer } from '../scripts/composer.js'
import { openPieces } from '../scripts/pieces.js'
import type { AdminState } from '../sites/admin.js'
import { createRegistry } from '../sites/registry.js'
import { toTag } from '../sites/tag.js'
import type { ScriptStore } from '../store/scripts.js'

/** The tag that somebody asks for. */
export interface AskedTag {
  /** The name of the site. */
  readonly name: string
  /** The address of the collector, without a slash at its end. */
  readonly url: string
  readonly plugins: readonly string[]
  readonly isPinned: boolean
  /** Unix epoch, ms. */
  readonly now: number
}

/**
 * Makes the line with the tag of a site, for the key that works longest.
 *
 * @param pieces what this version of the collector has; `null`: its scripts were not built.
 * @throws (rejects) OptionError if there is no such site, key or plugin.
 */
export async function tellTag(
  { name, url, plugins, isPinned, now }: AskedTag,
  state: AdminState,
  store: ScriptStore,
  pieces = openPieces(),
): Promise<readonly string[]> {
  const sites = createRegistry({ keys: [], origins: [], readToken: null, isLoopback: false, now: () => now })
  sites.use(state)
  const [key] = sites.keysOf(name)
  if (key === undefined) throw new OptionError(`site tag ${name}: no key of such a site works; site list shows them`)
  if (!pieces) throw new OptionError('site tag: the scripts of this collector were not built')
  const composer = createComposer({ pieces, store, now: () => now, onError: () => undefined })
  const unknown = plugins.find(one => !composer.plugins.includes(one))
  if (unknown !== undefined)
    throw new OptionError(`--plugins ${unknown}: there is no such plugin; there are ${composer.plugins.join(', ')}`)
  return [toTag(url, key, plugins, await composer.print(plugins, isPinned))]
}
