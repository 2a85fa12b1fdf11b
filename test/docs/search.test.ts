import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { toSearchIndex } from '../../docs/site/search.mjs'
import { otherWords } from '../../docs/site/theme/other-words.js'

const docs = fileURLToPath(new URL('../../docs', import.meta.url))
const files = readdirSync(docs, { recursive: true, encoding: 'utf8' }).filter(
  name => name.endsWith('.md') && !name.includes('node_modules'),
)
/** All words of the documentation. */
const words = files.flatMap(name =>
  readFileSync(join(docs, name), 'utf8')
    .toLowerCase()
    .split(/[^\p{L}\p{N}_$]+/u),
)

describe('the search of the documentation', () => {
  it('has every part of a page, with all of its text', () => {
    const long = 'word '.repeat(5000)
    const html = `<h1 id="a">A</h1><p>First</p><h2 id="b">B</h2><table><tr><td>${long}last &lt;b&gt;</td></tr></table>`
    expect(toSearchIndex([['guide/a', html]])).toEqual([
      ['guide/a.html', 'A', '', 'First'],
      ['guide/a.html#b', 'A', 'B', `${long}last <b>`],
    ])
  })

  it('leads from what people type to words that the documentation has, and from each phrase to one place', () => {
    const missing = Object.keys(otherWords).flatMap(all =>
      all.split(' ').filter(word => !words.some(one => one.startsWith(word))),
    )
    expect(missing).toEqual([])
    const phrases = Object.values(otherWords).flat()
    expect(phrases.filter((one, at) => phrases.indexOf(one) !== at)).toEqual([])
  })
})
