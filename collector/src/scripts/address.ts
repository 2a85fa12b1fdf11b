/** What the name of a composed script says. */
export interface ScriptAddress {
  /** A script for a tag, or the plugins alone as a module. */
  readonly kind: 'script' | 'module'
  /** The release that it is of. `null`: the one that the collector has. */
  readonly release: string | null
  /** The plugins in it, in the order of the alphabet, each once. */
  readonly plugins: readonly string[]
}

/** A longer name is none. All plugins together have less. */
const maxLength = 300

/**
 * Reads the name of a composed script: `sojourn.clicks.vitals.js` has the script with two plugins,
 * `sojourn-0123456789ab.clicks.js` that of one release, and `sojourn-plugins.clicks.js` a plugin alone.
 *
 * @returns `null` if it is no such name. Whether there are such plugins is not asked here.
 */
export function parseAddress(name: string): ScriptAddress | null {
  const found = name.length <= maxLength && /^sojourn(?:-(plugins|[0-9a-f]{12}))?((?:\.\w+)*)\.js$/.exec(name)
  if (!found) return null
  const [, mark = null, list = ''] = found
  const plugins = toPluginNames(list)
  if (mark === 'plugins') return plugins.length ? { kind: 'module', release: null, plugins } : null
  // The name of the plain script, which is a file of its own.
  if (mark === null && !plugins.length) return null
  return { kind: 'script', release: mark, plugins }
}

/** Writes the name of a composed script. `sojourn.js` is the plain script. */
export function toFileName({ kind, release, plugins }: ScriptAddress): string {
  const mark = kind === 'module' ? '-plugins' : release === null ? '' : `-${release}`
  return `sojourn${mark}${plugins.map(one => `.${one}`).join('')}.js`
}

/** Reads names between dots, commas or spaces. Order and repetitions have no meaning. */
export function toPluginNames(text: string): readonly string[] {
  return [...new Set(text.split(/[.,\s]+/).filter(Boolean))].toSorted()
}
