/**
 * What the search of the site knows: `[address, page, heading, text]` for each part of a page, from one heading to the next.
 *
 * @param pages the body of each page by its path, as HTML.
 */
export function toSearchIndex(pages) {
  return [...pages].flatMap(([path, html]) => {
    const [before = '', ...rest] = html.split(/(?=<h[1-4] id=)/)
    const title = toText(/<h1[^>]*>(.*?)<\/h1>/s.exec(html)?.[1] ?? path)
    return [before, ...rest].flatMap(part => {
      const [whole, level, id, heading = ''] = /^<h([1-4]) id="([^"]+)"[^>]*>(.*?)<\/h\1>/s.exec(part) ?? ['']
      const text = toText(part.slice(whole.length))
      if (!whole && !text) return []
      const isTitle = !whole || level === '1'
      return [[`${path}.html${isTitle ? '' : `#${id}`}`, title, isTitle ? '' : toText(heading), text]]
    })
  })
}

const signs = { lt: '<', gt: '>', quot: '"', amp: '&', '#x27': "'" }

function toText(html) {
  return html
    .replace(/<a class="here".*?<\/a>/g, '')
    .replace(/<!--.*?-->/gs, '')
    .replace(/<\/?(p|li|tr|td|th|pre|div|h\d|br)\b[^>]*>/g, ' ')
    .replace(/<[^>]+>/g, '')
    .replace(/&(lt|gt|quot|amp|#x27);/g, (_all, name) => signs[name])
    .replace(/\s+/g, ' ')
    .trim()
}
