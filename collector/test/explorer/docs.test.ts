import { readFileSync } from 'node:fs'
import { expect, it } from 'vitest'
import { docPages } from '../../explorer/src/parts/doc-link.js'

const docs = new URL('../../../docs/', import.meta.url)

/** The anchors of the headings of a page, as GitHub and the site make them. */
function anchorsOf(text: string): string[] {
  return [...text.matchAll(/^#+ (.+)$/gm)].map(([, title = '']) =>
    title
      .toLowerCase()
      .replace(/[^\p{L}\p{N} _-]/gu, '')
      .replaceAll(' ', '-'),
  )
}

it('leads to pages and headings of the documentation that there are', () => {
  for (const address of Object.values(docPages).filter(one => one !== docPages.start)) {
    const [page = '', anchor] = address.split('#')
    const text = readFileSync(new URL(page.replace(/\.html$/, '.md'), docs), 'utf8')
    if (anchor !== undefined) expect([address, anchorsOf(text)]).toEqual([address, expect.arrayContaining([anchor])])
  }
})
