import { maxComposed, releaseLookMs } from '../limits.js'
import type { ScriptStore } from '../store/scripts.js'
import { type ScriptAddress, toFileName } from './address.js'
import { composeModule, composeScript, type Pieces, parsePieces, toIntegrity, toRelease, toText } from './pieces.js'

/** A composed script. */
export interface Composed {
  readonly text: string
  /** Whether its bytes never change, because its address has the release. */
  readonly isPinned: boolean
}

/** Why there is no script: the collector has neither these plugins nor this release. */
export type NoScript = 'unknown-plugin' | 'unknown-release'

/** What a tag names: a file of the collector, and its hash if it is pinned. */
export interface PrintedScript {
  readonly file: string
  readonly integrity: string | null
}

/** Composes scripts of the pieces that this collector has, and of those that earlier versions of it have given out. */
export interface Composer {
  /** The names of the plugins of this collector, in the order of the alphabet. */
  readonly plugins: readonly string[]
  /** Makes the script of an address. The same address gives the same object as long as it is remembered. Rejects if the store fails. */
  compose(address: ScriptAddress): Promise<Composed | NoScript>
  /**
   * The file for a tag. A pinned one is kept in the store first, so that its address stays good in every later version.
   *
   * @param plugins names that this collector has.
   */
  print(plugins: readonly string[], isPinned: boolean): Promise<PrintedScript>
}

/** What a composer is made of. */
export interface ComposerParts {
  readonly pieces: Pieces
  readonly store: ScriptStore
  /** Unix epoch, ms. */
  readonly now: () => number
  /** Called with the cause if a release that is in use could not be kept. The next request tries again. */
  readonly onError: (cause: unknown) => void
}

/** Makes a composer. What it remembers is bounded. */
export function createComposer({ pieces, store, now, onError }: ComposerParts): Composer {
  const own = toRelease(pieces)
  const composed = new Map<string, Composed>()
  let keeping: Promise<void> | null = null
  let kept: ReadonlySet<string> = new Set()
  let lookedAt = Number.NEGATIVE_INFINITY

  /** Keeps the own pieces, once. */
  function keep(): Promise<void> {
    keeping ??= store.keep(own, toText(pieces)).catch(cause => {
      keeping = null
      throw cause
    })
    return keeping
  }

  /** Anybody may ask for any release, so the store is asked rarely. */
  async function find(release: string): Promise<Pieces | null> {
    if (!kept.has(release) && Math.abs(now() - lookedAt) >= releaseLookMs) {
      lookedAt = now()
      kept = new Set(await store.releases())
    }
    const text = kept.has(release) ? await store.find(release) : null
    return text === null ? null : parsePieces(text)
  }

  function remember(name: string, one: Composed): Composed {
    // The last in the map is the one that was asked for last.
    composed.delete(name)
    composed.set(name, one)
    if (composed.size > maxComposed) composed.delete(composed.keys().next().value as string)
    return one
  }

  return {
    plugins: Object.keys(pieces.plugins).toSorted(),
    async compose(address) {
      const { kind, release, plugins } = address
      const name = toFileName(address)
      if (release === own) keep().catch(onError)
      const known = composed.get(name)
      if (known) return remember(name, known)
      const found = release === null || release === own ? pieces : await find(release)
      if (!found) return 'unknown-release'
      if (!plugins.every(one => Object.hasOwn(found.plugins, one))) return 'unknown-plugin'
      const text = (kind === 'module' ? composeModule : composeScript)(found, plugins)
      return remember(name, { text, isPinned: release !== null })
    },
    async print(names, isPinned) {
      const plugins = names.toSorted()
      if (isPinned) await keep()
      return {
        file: toFileName({ kind: 'script', release: isPinned ? own : null, plugins }),
        integrity: isPinned ? toIntegrity(composeScript(pieces, plugins)) : null,
      }
    },
  }
}
