import { OptionError } from '../options.js'
import type { AdminState, SiteQuota, SiteRow } from '../sites/admin.js'
import { toSecretID } from '../sites/changes.js'
import { parseOrigin } from '../sites/origins.js'
import { fromSpan } from '../sites/times.js'
import { toDay } from './administer.js'

/** Reads an origin. @throws OptionError that begins with `flag`. */
export function toOrigin(flag: string, text: string): string {
  try {
    return parseOrigin(text)
  } catch (error) {
    throw new OptionError(`${flag} ${text}: ${(error as Error).message}`)
  }
}

/** Stands in a tag for the address of a collector that nobody has named. */
const placeholder = 'https://collector.example'

/** What is to be done with a tag before it is pasted. Empty if its address was named. */
export function toTagNotes(url: string): readonly string[] {
  return url === placeholder
    ? [`Put the address of your collector in the place of ${placeholder}, or name it: --url`]
    : []
}

/** Reads the address of a collector, without a slash at its end. @throws OptionError if it is none. */
export function toUrl(text = placeholder): string {
  const url = URL.parse(text)
  if (!url || !/^https?:$/.test(url.protocol) || /["<>\s?#]/.test(text))
    throw new OptionError(`--url ${text}: write it as https://collector.example`)
  return text.replace(/\/+$/, '')
}

/** Reads a quota. @returns `null` if nothing is limited. @throws OptionError if a number is none. */
export function toQuota(one: (flag: string) => string | undefined): SiteQuota | null {
  const toMost = (name: string): number | null => {
    const text = one(name)
    if (text === undefined) return null
    if (!/^[1-9]\d{0,14}$/.test(text)) throw new OptionError(`--${name} ${text}: it is a whole number above 0`)
    return Number(text)
  }
  const [requestsPerMinute, bytesPerMinute, recordsPerMinute] = ['requests', 'bytes', 'records'].map(toMost)
  const isLimited = requestsPerMinute || bytesPerMinute || recordsPerMinute
  return isLimited ? ({ requestsPerMinute, bytesPerMinute, recordsPerMinute } as SiteQuota) : null
}

/** A quota for people. */
export function toQuotaText(quota: SiteQuota | null): string {
  const named = [quota?.requestsPerMinute, quota?.bytesPerMinute, quota?.recordsPerMinute]
  const parts = ['requests', 'bytes', 'records'].flatMap((name, n) => (named[n] ? `${named[n]} ${name}` : []))
  return parts.length ? `${parts.join(', ')} in a minute` : 'without a limit'
}

/** All sites for people, by name. */
export function toList(state: AdminState, now: number): readonly string[] {
  if (!state.sites.length) return ['There is no site but default: sojourn-collector site add <name> --origin https://…']
  return state.sites.toSorted((a, b) => (a.name < b.name ? -1 : 1)).flatMap(one => toLines(state, one, now))
}

function toLines({ keys, origins, secrets }: AdminState, site: SiteRow, now: number): string[] {
  const { name, endsAt, createdAt, keepMs, quota } = site
  const isOf = (one: { readonly site: string }): boolean => one.site === name
  return [
    `${name}, since ${toDay(createdAt)}${toEnd(endsAt, now)}`,
    ...keys.filter(isOf).map(one => `  key     ${one.key}, since ${toDay(one.createdAt)}${toEnd(one.endsAt, now)}`),
    ...origins.filter(isOf).map(one => `  origin  ${one.origin}`),
    ...secrets.filter(isOf).map(one => `  secret  ${toSecretID(one.secret)}, since ${toDay(one.createdAt)}`),
    `  keeps   ${keepMs === null ? 'records forever' : `records for ${fromSpan(keepMs)}`}`,
    ...(quota ? [`  sends   ${toQuotaText(quota)}`] : []),
  ]
}

/** When something ends or has ended, for people; empty if it has no end. */
export function toEnd(endsAt: number | null, now: number): string {
  if (endsAt === null) return ''
  return endsAt > now ? `, ends ${toDay(endsAt)}` : `, has ended ${toDay(endsAt)}`
}
