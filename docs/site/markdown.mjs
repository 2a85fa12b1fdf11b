import { existsSync, statSync } from 'node:fs'
import { join, posix } from 'node:path'
import GithubSlugger from 'github-slugger'
import highlight from 'highlight.js/lib/common'
import MarkdownIt from 'markdown-it'
import { repository, root } from './places.mjs'

/** Where a file of the repository stands on the site, without `.html`; `null` if it is no page of the site. */
export function toPage(file) {
  if (file === 'README.md') return 'index'
  if (!file.startsWith('docs/') || !file.endsWith('.md')) return null
  return file.slice('docs/'.length, -'.md'.length)
}

/** The way from a page to a file of the site, relative, so that the site works below every path. */
export function toRelative(page, target) {
  return posix.relative(posix.dirname(`/${page}`), `/${target}`) || posix.basename(target)
}

/**
 * The address of a link for the site. Pages become `.html`, pictures are taken along, and other files of the repository lead to it.
 *
 * @param link as it stands in the file.
 * @param file path of the file in the repository.
 * @param assets paths of `docs/` that the site needs.
 * @throws Error if the file that the link names does not exist.
 */
export function toLink(link, file, { has, assets, isImage }) {
  if (/^(#|[a-z]+:)/.test(link)) return link
  const [target = '', anchor] = link.split('#')
  const given = posix.join(posix.dirname(file), target).replace(/\/$/, '')
  // A folder shows its README.
  const path = has(`${given}/README.md`) ? `${given}/README.md` : given
  const end = anchor === undefined ? '' : `#${anchor}`
  const page = toPage(path)
  if (page !== null && has(path)) return toRelative(toPage(file), `${page}.html`) + end
  if (!existsSync(join(root, path))) throw new Error(`${file}: no file for the link ${link}`)
  if (path.startsWith('docs/') && isImage) {
    const asset = path.slice('docs/'.length)
    assets.add(asset)
    return toRelative(toPage(file), asset)
  }
  return `${repository}/${statSync(join(root, path)).isDirectory() ? 'tree' : 'blob'}/main/${path}${end}`
}

/**
 * Makes the reader of Markdown: headings have the anchors that GitHub gives them, code has classes and no styles, and links lead to
 * where their target stands on the site.
 *
 * @param has whether a path of the repository is a page of the site.
 * @param assets gets the paths of `docs/` that pages show.
 */
export function createMarkdown({ has, assets }) {
  const markdown = new MarkdownIt({
    html: true,
    highlight: (code, language) =>
      language && highlight.getLanguage(language)
        ? highlight.highlight(code, { language, ignoreIllegals: true }).value
        : '',
  })
  markdown.core.ruler.push('site', ({ tokens, env }) => {
    const slugger = new GithubSlugger()
    const file = fileOf(env.page)
    for (const [at, token] of tokens.entries()) {
      if (token.type === 'heading_open') token.attrSet('id', slugger.slug(textOf(tokens[at + 1])))
      // A strict policy refuses styles in attributes.
      const align = /text-align:(\w+)/.exec(token.attrGet('style') ?? '')?.[1]
      if (align) {
        token.attrs = token.attrs.filter(([name]) => name !== 'style')
        token.attrJoin('class', align)
      }
      // A head without a word is no head.
      if (token.type.startsWith('th_') && !(tokens[token.nesting > 0 ? at + 1 : at - 1].content ?? '').trim())
        token.tag = 'td'
      for (const one of token.children ?? []) {
        const name = one.type === 'image' ? 'src' : 'href'
        const link = one.attrGet(name)
        if (link) one.attrSet(name, toLink(decodeURI(link), file, { has, assets, isImage: one.type === 'image' }))
        if (one.type === 'image') one.attrSet('loading', 'lazy')
      }
    }
  })
  const { rules } = markdown.renderer
  // What is wider than the page is scrolled with the keys too.
  const { fence } = rules
  rules.fence = (...given) => fence(...given).replace('<pre>', '<pre tabindex="0">')
  rules.table_open = () => '<div class="table" tabindex="0"><table>\n'
  rules.table_close = () => '</table></div>\n'
  rules.heading_close = (tokens, at) => {
    const id = tokens[at - 2].attrGet('id')
    const { tag } = tokens[at]
    return tag === 'h1'
      ? `</h1>\n`
      : ` <a class="here" href="#${id}" aria-label="Link to this section">#</a></${tag}>\n`
  }
  return markdown
}

/** The file of the repository that a page was made from. Pages of the API have the address that they would have. */
export function fileOf(page) {
  const path = page.inputPath.replace(/^\.\//, '')
  return path === 'docs/index.md' ? 'README.md' : path
}

function textOf({ children }) {
  return (children ?? [])
    .map(({ type, content }) => (type === 'text' || type === 'code_inline' ? content : ''))
    .join('')
}
