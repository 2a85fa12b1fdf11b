/** Writes times, counts and details for the live view. */

const clock = new Intl.DateTimeFormat('en-GB', { timeStyle: 'medium' })

export function toTime(at) {
  return clock.format(at)
}

export function toLength(seconds) {
  const [h, min, s] = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60, Math.floor(seconds) % 60]
  if (h) return `${h} h ${min} min`
  return min ? `${min} min ${s} s` : `${s} s`
}

export function toNumber(count, one, hasMore) {
  return `${count}${hasMore ? ' and more' : ''} ${count === 1 ? one : `${one}s`}`
}

/** Describes an event in a few words, from its data or else from the address of its page. */
export function toDetail({ data, url }) {
  const { query, name, order, reason } = data ?? {}
  return String(query ?? name ?? order ?? reason ?? toPath(url))
}

export function toPath(url) {
  try {
    const { pathname, search } = new URL(url)
    return pathname + search
  } catch {
    return ''
  }
}
