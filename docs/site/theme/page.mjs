import { toRelative } from '../markdown.mjs'
import { repository } from '../places.mjs'

/** The sign of Sojourn, as the explorer has it. */
const sign = `<svg class="sign" viewBox="0 0 32 32" width="28" height="28" aria-hidden="true"><rect width="32" height="32" rx="3"/><path d="M6 22h7v-6h6v-6h7"/><circle cx="6" cy="22" r="2.6"/><circle cx="26" cy="10" r="2.6"/></svg>`

/**
 * The HTML of a page. Nothing in it is a script or a style, so that a strict policy can forbid both. Every address is relative, so that
 * the site works below every path.
 *
 * @param path of the page, without `.html`.
 * @param html what the page says.
 * @param file of the repository that it was made from; `null` for a page of the API.
 */
export function renderPage({ path, html, navigation, file }) {
  const to = target => toRelative(path, target)
  const all = navigation.flatMap(({ pages }) => pages)
  const at = all.findIndex(page => page.path === path)
  const { title } = all[at]
  const link = (page, more = '') =>
    `<a href="${to(`${page.path}.html`)}"${page.path === path ? ' aria-current="page"' : ''}${more}>${escape(page.title)}</a>`
  const sections = navigation.map(section => {
    const isHere = section.pages.some(page => page.path === path)
    const items = section.pages.map(page => `<li>${link(page)}</li>`).join('')
    return `<details${isHere || section.title === 'Guide' ? ' open' : ''}><summary>${section.title}</summary><ul>${items}</ul></details>`
  })
  const outline = [...html.matchAll(/<h([23]) id="([^"]+)"[^>]*>(.*?) <a class="here"/g)]
  // A page of the API has so many headings of the third level that only these say what is there.
  const shown = outline.map(
    ([, level, id, text]) => `<li class="level-${level}"><a href="#${id}">${text.replace(/<[^>]+>/g, '')}</a></li>`,
  )
  const around = [
    all[at - 1] && `<p>Before<br>${link(all[at - 1], ' rel="prev"')}</p>`,
    all[at + 1] && `<p class="next">Next<br>${link(all[at + 1], ' rel="next"')}</p>`,
  ]
  return `<!doctype html>
<html lang="en" data-root="${to('index.html').replace(/index\.html$/, '') || './'}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${escape(path === 'index' ? 'Sojourn' : `${title} · Sojourn`)}</title>
<link rel="icon" href="${to('sign.svg')}">
<link rel="stylesheet" href="${to('site.css')}">
<script type="module" src="${to('site.js')}"></script>
</head>
<body>
<a class="skip" href="#main">Skip to the content</a>
<header class="masthead">
<a class="wordmark" href="${to('index.html')}">${sign}Sojourn</a>
<button class="search quiet" type="button" hidden>Search <kbd>/</kbd></button>
<a class="code-link" href="${repository}">Source</a>
</header>
<div class="frame">
<nav class="pages" aria-label="Pages"><details class="menu" open><summary>Pages</summary>${sections.join('')}</details></nav>
<main id="main" tabindex="-1">
${html}
<footer>${around.filter(Boolean).join('')}${file ? `<p class="edit"><a href="${repository}/blob/main/${file}">This page as Markdown</a></p>` : ''}</footer>
</main>
${shown.length > 1 ? `<nav class="outline" aria-label="On this page"><h2>On this page</h2><ul>${shown.join('')}</ul></nav>` : ''}
</div>
</body>
</html>
`
}

function escape(text) {
  return text.replace(/[&<>"]/g, one => `&#${one.charCodeAt(0)};`)
}
