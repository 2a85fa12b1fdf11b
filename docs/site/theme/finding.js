import MiniSearch from 'minisearch'
import { otherWords } from './other-words.js'

/** A name such as `sojourn-collector` or `data-key` is found by each of its words, and `createTracker` as a whole. */
const toWords = text =>
  text
    .toLowerCase()
    .split(/[^\p{L}\p{N}_$]+/u)
    .filter(Boolean)

/** @param parts of pages: `[address, page, heading, text]` each. */
export function makeIndex(parts) {
  const made = new MiniSearch({
    fields: ['heading', 'page', 'text'],
    storeFields: ['address', 'page', 'heading', 'text'],
    tokenize: toWords,
    searchOptions: {
      boost: { heading: 4, page: 2 },
      // Who asks for a word wants to be told of it first, and then where it stands in an interface, or how it is built and measured.
      boostDocument: (_id, _term, { address }) => {
        if (address.startsWith('api/sojourn.html')) return 0.8
        return /^(api\/|architecture|delivery.html#the-table|scale|proof|peers|size)/.test(address) ? 0.6 : 1
      },
      weights: { fuzzy: 0.2, prefix: 0.5 },
      prefix: true,
      fuzzy: term => (term.length > 4 ? 0.2 : false),
      combineWith: 'AND',
    },
  })
  // The title of a page is the heading of what stands below it.
  made.addAll(
    parts.map(([address, page, heading, text], id) => ({ id, address, page, heading: heading || page, text })),
  )
  return made
}

/** Each phrase of people with the words of the documentation for it, the longest first. */
const phrases = Object.entries(otherWords)
  .flatMap(([words, all]) => all.map(phrase => [toWords(phrase).join(' '), words]))
  .sort(([one], [other]) => other.length - one.length)

/**
 * The question for the index: each word, and each phrase as it is or in the words of the documentation. A word that the
 * documentation has another one for is not looked for in longer words.
 */
function toQueries(text) {
  const queries = []
  let rest = ` ${toWords(text).join(' ')} `
  for (const [phrase, words] of phrases) {
    if (!rest.includes(` ${phrase} `)) continue
    rest = rest.replace(` ${phrase} `, '  ')
    const own = { combineWith: 'AND', queries: phrase.split(' '), prefix: false, fuzzy: false }
    queries.push({ combineWith: 'OR', queries: [own, { combineWith: 'AND', queries: words.split(' ') }] })
  }
  // Next.js and nextjs are Next.
  const isJs = word => /^[a-z]{3,}js$/.test(word)
  for (const word of toWords(rest.replace(/(\w) js /g, '$1js ')))
    queries.push(isJs(word) ? { combineWith: 'OR', queries: [word, word.slice(0, -2)], fuzzy: false } : word)
  return queries
}

/** The parts of pages that a text finds, best first: those with all that was typed, and if there are none, those with some of it. */
export function find(index, text) {
  const queries = toQueries(text)
  for (const combineWith of ['AND', 'OR']) {
    const found = queries.length ? index.search({ combineWith, queries }) : []
    if (found.length) return found.slice(0, 20)
  }
  return []
}
