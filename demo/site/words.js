/** How the live view says times, ids and names. */

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

/** What an event was about, in a word or two: of its data, else of the page that it happened on. */
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
