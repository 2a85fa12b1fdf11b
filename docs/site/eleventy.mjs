import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { createMarkdown, fileOf, toPage } from './markdown.mjs'
import { toNavigation } from './navigation.mjs'
import { root } from './places.mjs'
import { renderPage } from './theme/page.mjs'

/** The Markdown of every page by its path in the repository: the README, `docs/`, and the pages of the API. */
export function readPages(api) {
  const files = readdirSync(join(root, 'docs'), { recursive: true, encoding: 'utf8' })
    .map(path => `docs/${path.replaceAll('\\', '/')}`)
    .filter(path => path.endsWith('.md') && !path.startsWith('docs/site/'))
  const read = path => [path, readFileSync(join(root, path), 'utf8')]
  return new Map([
    ...['README.md', ...files].map(read),
    ...[...api].map(([path, text]) => /** @type {const} */ ([`docs/api/${path}`, text])),
  ])
}

/**
 * How Eleventy makes the site: each page of `docs/` in the frame of `theme/page.mjs`, the README as the first page, and the pages of the
 * API.
 *
 * @param api text of each page of the API by its path.
 * @param made gets what is made: `pages`, the body of each by its path, and `assets`, the files of `docs/` that pages show.
 */
export function configure(eleventy, { api, made }) {
  let [files, navigation] = [new Map(), []]
  const readAnew = () => {
    files = readPages(api)
    const titles = [...files].map(([file, text]) => ({ path: toPage(file), title: titleOf(text) ?? file }))
    navigation = toNavigation(titles)
  }
  readAnew()
  eleventy.on('eleventy.before', readAnew)
  eleventy.setUseGitIgnore(false)
  eleventy.ignores.add('docs/site/**')
  eleventy.setTemplateFormats(['md'])
  // The pages are Markdown, and `{{` in them is code.
  eleventy.addGlobalData('templateEngineOverride', 'md')
  eleventy.setLibrary('md', createMarkdown({ has: file => files.has(file), assets: made.assets }))
  eleventy.addTemplate('index.md', readFileSync(join(root, 'README.md'), 'utf8'))
  for (const [path, text] of api) eleventy.addTemplate(`api/${path}`, text)
  eleventy.addGlobalData('permalink', () => data => `${toPage(fileOf(data.page))}.html`)
  eleventy.addTransform('frame', function toFrame(html) {
    const path = toPage(fileOf(this.page))
    made.pages.set(path, html)
    return renderPage({
      path,
      html,
      navigation,
      file: existsSync(join(root, fileOf(this.page))) ? fileOf(this.page) : null,
    })
  })
}

/** The first heading of a page, as plain text. */
function titleOf(text) {
  return /^# (.+)$/m.exec(text)?.[1]?.replace(/[`*\\]/g, '')
}
