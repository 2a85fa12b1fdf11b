// What fills a database for the numbers: visits of a year with few and many events, a thousand pages, thirty names of
// events and two hundred referrers, of which some are far more frequent than others.

import { createFresh, createIds, makeTemplate } from './batches.mjs'

/** Records of each of the two batches of a template. Most visits are short. */
const sizes = [2, 2, 2, 3, 3, 3, 4, 4, 5, 5, 6, 6, 7, 8, 9, 12]
/** How many times slower the records of a template are made than a visitor who hurries. */
const paces = [1, 2, 1, 4, 9, 2, 20, 1, 6, 60, 3, 12, 1, 30, 5, 100]
export const pageCount = 1000
export const nameCount = 30
const siteCount = 200
/** Events of a visit, on average. */
export const eventsPerSpreadVisit = (2 * sizes.reduce((sum, size) => sum + size, 0)) / sizes.length

const end = Date.now() - 60_000
/** The time over which the visits are spread. */
export const yearMs = 365 * 86_400_000

const mark = (word, number) => `zz${word}${String(number).padStart(3, '0')}`

/** The name of an event. The first is the most frequent. */
export const toName = number => `Event${number}`
/** The address of a page, without query. The first is the most frequent. */
export const toAddress = number => `https://shop.example/pages/${number}`
/** The identity of every other visit. */
export const toIdentity = (n, ids = createIds(n)) => `user-${ids.makeIdentity(n >> 1)}@shop.example`

function makeSpread(n) {
  const words = {
    pace: paces[n],
    view: (_, place) => ({
      url: `https://shop.example/pages/${mark('page', place)}?list=${n}`,
      title: `Page ${mark('page', place)} of the shop`,
      referrer: place ? '' : `https://${mark('site', 0)}.example/search?q=1`,
    }),
    name: place => mark('name', place),
    data: (_, place) => ({
      sku: mark('page', place),
      list: `season-${n}`,
      price: 100 * n + place,
      isGift: place % 3 === 0,
    }),
  }
  // Without the time of sending, the clocks of these browsers count as right.
  return makeTemplate(n, sizes[n], words).map(body => JSON.stringify({ ...JSON.parse(body), sentAt: undefined }))
}

/** Makes the values for the marks of visit `n` of `visits`. */
function freshOf(n, visits) {
  const ids = createIds(n)
  const plain = createFresh(ids, Math.floor(end - yearMs + (yearMs * n) / visits), ids.makeIdentity(n >> 1))
  const words = createIds(n + 1_000_003)
  const chosen = new Map()
  const choose = (key, count, toText) => {
    // The logarithm of the place is even, so the first is chosen most often.
    if (!chosen.has(key)) chosen.set(key, toText(Math.floor(count ** (words.random() / 2 ** 32)) - 1))
    return chosen.get(key)
  }
  return one => {
    if (one.kind === 'page') return choose(`page${one.number}`, pageCount, String)
    if (one.kind === 'name') return choose(`name${one.number}`, nameCount, toName)
    if (one.kind === 'site') return choose('site', siteCount, number => `site${number}`)
    return plain(one)
  }
}

/** How the database is filled. */
export const spreadFill = { make: makeSpread, fresh: freshOf }
