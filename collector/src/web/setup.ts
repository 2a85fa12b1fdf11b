import type { Health } from '../live/health.js'
import { nobodysSite } from '../live/health.js'
import { ParameterError, parseBoolean } from '../query/parameters.js'
import { toPluginNames } from '../scripts/address.js'
import type { Composer } from '../scripts/composer.js'
import { toNeededLines } from '../sites/csp.js'
import type { SiteRegistry } from '../sites/registry.js'
import { toTag } from '../sites/tag.js'
import type { SiteReads } from '../store/store.js'
import { type RefusedLast, toRefusedLast } from './refusals.js'

/** What a site needs to send its first record, and whether it has. */
export interface Setup {
  readonly site: string
  /** The keys that work now, the one for new pages first. Empty: there is none, or any key works. */
  readonly keys: readonly string[]
  readonly origins: readonly string[]
  /** The tag to paste. `null`: no key works, because all have ended, or the site has. */
  readonly tag: string | null
  /** The plugins that a tag may name. */
  readonly plugins: readonly string[]
  /** What the Content-Security-Policy of a page must allow. */
  readonly csp: readonly string[]
  /** When the first and the latest record were received, Unix epoch, ms. `null`: nothing is stored. */
  readonly first: { readonly receivedAt: number } | null
  readonly latest: { readonly receivedAt: number } | null
  readonly refused: RefusedLast | null
}

/** What the setup of a site is read from. */
export interface SetupParts {
  readonly sites: SiteRegistry
  readonly health: Health
  readonly composer: Composer | null
  readonly reads: (site: string) => SiteReads
}

/** The tag that is wanted. */
export interface WantedTag {
  /** Names of plugins that there are, each once. */
  readonly plugins: readonly string[]
  /** Whether the tag has the hash of the script. */
  readonly isPinned: boolean
}

/** What a reader asks. */
export interface SetupQuestion extends WantedTag {
  /** The address of the collector for pages, as `toBase` makes it. */
  readonly base: URL
  /**
   * Whether the reader may read all sites. Then requests that named no site are told of too, unless they can only mean
   * another site.
   */
  readonly isOfAll: boolean
}

/**
 * Reads the setup of a site.
 *
 * @throws (rejects) if the store fails.
 */
export async function readSetup(
  { sites, health, composer, reads }: SetupParts,
  site: string,
  { base, isOfAll, plugins, isPinned }: SetupQuestion,
): Promise<Setup> {
  const stored = reads(site)
  const keys = sites.keysOf(site)
  // A collector that knows no key takes any, so the name of the site will do.
  const key = keys[0] ?? (sites.siteOfKey(site)?.name === site ? site : null)
  const [first, latest, own, nobodys] = await Promise.all([
    stored.horizon('receipts', {}, {}, 0),
    stored.horizon('receipts', {}, { isDescending: true }, 0),
    health.lastRefused(site),
    health.lastRefused(nobodysSite),
  ])
  const known = sites.site(site)
  const mayMean = (origin: string | null): boolean =>
    isOfAll || (origin !== null && known !== null && sites.isAllowed(origin, known))
  const [last] = [...own, ...nobodys.filter(({ origin }) => mayMean(origin))].sort((a, b) => b.lastAt - a.lastAt)
  return {
    site,
    keys,
    origins: known?.origins ?? [],
    tag:
      key === null ? null : toTag(base.href.replace(/\/$/, ''), key, plugins, await composer?.print(plugins, isPinned)),
    plugins: composer?.plugins ?? [],
    csp: toNeededLines(base),
    first: first === null ? null : { receivedAt: first },
    latest: latest === null ? null : { receivedAt: latest },
    refused: last ? toRefusedLast(last, site) : null,
  }
}

/**
 * The address under which pages reach the collector, with a slash at its end: what `collector` says, or else what the
 * request was sent to. A proxy may serve the collector below a path, or with TLS, and only who reads knows that.
 *
 * @throws ParameterError if `collector` is no address.
 */
export function toBase({ url, headers }: Request): URL {
  const { searchParams, origin } = new URL(url)
  const given = searchParams.get('collector')
  if (given !== null) {
    const base = URL.parse(given)
    if (!base || !/^https?:$/.test(base.protocol) || base.username || base.password || base.search || base.hash)
      throw new ParameterError('collector', 'is the address of this collector, such as https://collector.example')
    return new URL(`${base.href.replace(/\/*$/, '')}/`)
  }
  const base = new URL('/', origin)
  // A header that anybody may send changes only the reply to the one who sends it.
  if (headers.get('X-Forwarded-Proto') === 'https') base.protocol = 'https:'
  return base
}

/**
 * The tag that a request asks for: `plugins=clicks,vitals`, and `pinned=true`.
 *
 * @throws ParameterError if there is no such plugin.
 */
export function toWanted({ url }: Request, composer: Composer | null): WantedTag {
  const { searchParams } = new URL(url)
  const plugins = toPluginNames(searchParams.get('plugins') ?? '')
  const known = composer?.plugins ?? []
  if (!plugins.every(one => known.includes(one)))
    throw new ParameterError('plugins', `is a list of plugins, such as clicks,vitals; there are ${known.join(', ')}`)
  return { plugins, isPinned: parseBoolean(searchParams, 'pinned') }
}
