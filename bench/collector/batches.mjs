// Batches made by the tracker's own writer, two for each visit, with 22 records each or as many as are asked for. A small
// one is a visitor's few seconds: its visit, session and page come with it. Values that differ between visits are marks of
// a fixed width, which are overwritten with fresh ids, identities and times.

import { makeBatch } from '../../build/record/batch.js'
import { createWriter } from '../../build/record/writer.js'
import { recordsPerBatch } from './settings.mjs'

/** The start of the visits in the templates. Marks of times are offsets from it. Unix epoch, ms. */
const base = 1_700_000_000_000
const alphabet = 'useandom-26T198340PX75pxJACKVERYMINDBUSHWOLF_GQZbfghjklqvwyzrict'
const timeWidth = 9
const randomWidth = 12
const identityWidth = 10
/** The number of templates. */
export const templateCount = 16
/**
 * Matches an id, an identity (both contain the number of their template), a time, or a word: what is chosen for each
 * visit from a list.
 */
const marks = /z{9}\d{12}|(?<=user-)z{7}\d{3}|17000\d{8}|zz(?:page|name|site)\d{3}/g

const userAgent =
  'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36'
const wares = ['hammer-16oz', 'pier-lantern', 'tea-green-100', 'oak-plank-2m', 'copper-kettle', 'wool-blanket-grey']

/** The defaults of the options. */
const limits = { idleLimitMs: 1_800_000, sessionLimitMs: 86_400_000, sample: 1 }

/** What a template says, unless it has words. */
const plainWords = {
  pace: 1,
  view: (n, place) => {
    const ware = wares[(n + place) % wares.length]
    return { url: `https://shop.example/tools/${ware}?list=${n}`, title: `${ware} at the shop`, referrer: '' }
  },
  name: place => ['AddToCart', 'ViewItem', 'Search', 'Filter'][place % 4],
  data: (n, place) => ({ sku: wares[(n * 5 + place) % wares.length], list: `season-${n}` }),
}

/**
 * Makes the two bodies of template `n`. The second continues the visit of the first, and signs out.
 *
 * @param size records of each body, at least 2.
 * @param words what the records say, and how many times slower than usual they are made.
 */
export function makeTemplate(n, size = recordsPerBatch, words = plainWords) {
  const records = []
  let ids = 0
  const by = String(n).padStart(3, '0')
  const makeId = () => 'z'.repeat(timeWidth) + by + String(++ids).padStart(randomWidth - 3, '0')
  const keep = record => records.push(record)
  const writer = createWriter({ makeId, keep, ...limits, anonymous: true, languageCode: 'de', userAgent })
  let at = base
  const call = rest => {
    const { length } = records
    at += words.pace * (1200 + ((n * 37 + length * 53) % 900))
    writer.bind({ id: writer.nextId(), at, data: '', ...rest })
    if (records.length === length) throw new Error(`the writer has recorded nothing of ${JSON.stringify(rest)}`)
  }
  const view = () => call({ verb: 'page', view: { ...words.view(n, records.length), category: 'shop;tools' } })
  const track = () => {
    const { length } = records
    call({
      verb: 'track',
      name: words.name(length),
      category: 'shop;cart',
      data: JSON.stringify(words.data(n, length)),
    })
  }
  view()
  call({
    verb: 'signIn',
    identityId: `user-${'z'.repeat(identityWidth - 3)}${by}@shop.example`,
    data: '{"name":"Ada Example"}',
  })
  while (records.length < 2 * size - 1) {
    if (records.length % 11 === 8) view()
    else track()
  }
  call({ verb: 'signOut' })
  const bodies = [records.slice(0, size), records.slice(size, 2 * size)]
  return bodies.map(some => makeBatch(some, base + 200_000))
}

/**
 * Splits a text at its marks. `literals` are the texts around them, one more than there are marks. The number of a mark
 * is the number of the id within its visit, or the ms since the start of the visit. Ids and identities also have a
 * template number.
 */
export function cutAtMarks(text) {
  const found = [...text.matchAll(marks)]
  const literals = []
  let from = 0
  for (const { 0: mark, index } of found) {
    literals.push(text.slice(from, index))
    from = index + mark.length
  }
  literals.push(text.slice(from))
  return { literals, marks: found.map(({ 0: mark, index }) => ({ ...toMark(mark), index, length: mark.length })) }
}

function toMark(mark) {
  const [, word] = /^zz(page|name|site)/.exec(mark) ?? []
  if (word) return { kind: word, number: Number(mark.slice(-3)), template: null }
  if (mark.startsWith('17000')) return { kind: 'time', number: Number(mark) - base, template: null }
  if (mark.length === identityWidth) return { kind: 'identity', number: 0, template: Number(mark.slice(-3)) }
  return {
    kind: 'id',
    number: Number(mark.slice(timeWidth + 3)),
    template: Number(mark.slice(timeWidth, timeWidth + 3)),
  }
}

/**
 * Makes the values for the marks of one visit.
 *
 * @param at start of the visit, Unix epoch, ms.
 * @returns a function from a mark to its text. The same mark always gets the same text.
 */
export function createFresh(ids, at, identity = ids.makeIdentity()) {
  const made = []
  return ({ kind, number }) => {
    if (kind === 'time') return String(at + number)
    if (kind === 'identity') return identity
    while (made.length <= number) made.push(ids.makeId(at))
    return made[number]
  }
}

/** Makes ids like the tracker's: 9 characters of time and 12 random ones. The same seed makes the same ids. */
export function createIds(seed) {
  let state = (seed * 2_654_435_761 + 1) >>> 0
  // Mulberry32.
  const random = () => {
    state = (state + 0x6d2b79f5) >>> 0
    let t = state
    t = Math.imul(t ^ (t >>> 15), t | 1)
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61)
    return (t ^ (t >>> 14)) >>> 0
  }
  return {
    random,
    makeId(at) {
      let id = at.toString(36).padStart(timeWidth, '0')
      for (let word = 0; word < 3; word++) {
        let bits = random()
        for (let n = 0; n < 4; n++) {
          id += alphabet[bits & 63]
          bits >>>= 6
        }
      }
      return id
    },
    makeIdentity: (number = random() % 1_000_000) => number.toString(36).padStart(identityWidth, '0'),
  }
}
