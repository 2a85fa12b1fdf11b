import { createHash } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'

/** What scripts for pages are composed of: texts that the build of the browser library has made. */
export interface Pieces {
  /** The script tag. `sojournPlugins` in it stands for the plugins, once. */
  readonly core: string
  /** Each plugin as an expression, by its name. */
  readonly plugins: Readonly<Record<string, string>>
}

/** Reads the pieces in the folder of this package. Returns `null` if they were not built. */
export function openPieces(folder = new URL('./tag/', import.meta.url)): Pieces | null {
  try {
    const texts = readdirSync(folder)
      .filter(name => name.endsWith('.js'))
      .toSorted()
      .map(name => [name.slice(0, -3), readFileSync(new URL(name, folder), 'utf8')] as const)
    const { core, ...plugins } = Object.fromEntries(texts)
    return core === undefined ? null : { core, plugins }
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null
    throw error
  }
}

/** The release of pieces: 12 hexadecimal digits that differ if any piece does. */
export function toRelease(pieces: Pieces): string {
  return createHash('sha256').update(toText(pieces)).digest('hex').slice(0, 12)
}

/** Writes pieces as a text that `parsePieces` reads. */
export function toText({ core, plugins }: Pieces): string {
  return JSON.stringify([core, Object.entries(plugins)])
}

/** Reads what `toText` has written. @throws SyntaxError if it is something else. */
export function parsePieces(text: string): Pieces {
  const [core, plugins] = JSON.parse(text) as [string, [string, string][]]
  return { core, plugins: Object.fromEntries(plugins) }
}

/**
 * Puts plugins into the script tag.
 *
 * @param names plugins that the pieces have, each once. The same names in the same order make the same text.
 */
export function composeScript(pieces: Pieces, names: readonly string[]): string {
  return pieces.core.replace('sojournPlugins', () => toObject(pieces, names))
}

/** Makes the module of plugins that a script tag loads when they did not come with it. The names are as above. */
export function composeModule(pieces: Pieces, names: readonly string[]): string {
  return `export default${toObject(pieces, names)}\n`
}

// What objects inherit is no plugin.
function toObject({ plugins }: Pieces, names: readonly string[]): string {
  return `{__proto__:null${names.map(name => `,${name}:${plugins[name]}`).join('')}}`
}

/** The attribute `integrity` for a text: its SHA-384, as Subresource Integrity (SRI) writes it. */
export function toIntegrity(text: string): string {
  return `sha384-${createHash('sha384').update(text).digest('base64')}`
}
