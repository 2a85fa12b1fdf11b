// The shop's files. The file of a page has its title and its content; layout.html has what all pages share.
import { readFile } from 'node:fs/promises'
import { extname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { findProduct } from './site/catalogue.js'

const here = fileURLToPath(new URL('.', import.meta.url))
const design = fileURLToPath(new URL('../design/', import.meta.url))
const types = { '.html': 'text/html', '.css': 'text/css', '.js': 'text/javascript', '.svg': 'image/svg+xml' }

/**
 * Answers the request of a URL. If there is no such file, the answer is 404 with not-found.html.
 *
 * @param elsewhere what the collector serves for people, as HTML; see `elsewhere.mjs`.
 */
export async function readSite({ pathname, searchParams }, elsewhere) {
  const path = toFile(decodeURIComponent(pathname))
  const type = `${types[extname(path)]}; charset=utf-8`
  const text = /^\/(tokens|plain)\.css$/.test(path)
    ? await read(join(design, path))
    : await readOrNull(join(here, 'site', path))
  if (text === null)
    return { status: 404, type: `${types['.html']}; charset=utf-8`, body: await toPage('not-found.html', elsewhere) }
  const isPage = extname(path) === '.html'
  const body = isPage ? await toPage(path, elsewhere, findProduct(searchParams.get('id'))?.name) : text
  return { status: 200, type, body }
}

/** The account is one single-page app, so all its addresses are one file. */
function toFile(pathname) {
  if (pathname === '/') return 'index.html'
  if (pathname === '/favicon.ico') return 'pictures/mark.svg'
  return /^\/account(\/|$)/.test(pathname) ? 'account.html' : pathname
}

async function toPage(path, elsewhere, name) {
  const isHome = path === 'index.html'
  const [layout, text, pitch] = await Promise.all([
    read(join(here, 'layout.html')),
    read(join(here, 'site', path)),
    isHome ? read(join(here, 'pitch.html')) : '',
  ])
  const [, title, main] = /<title>(.*)<\/title>\s*([^]*)/.exec(text)
  const parts = { title: name ? `${name} · Harbour Lane` : title, main, pitch, elsewhere }
  return layout.replace(/\{\{(\w+)\}\}/g, (_, part) => parts[part])
}

function read(file) {
  return readFile(file, 'utf8')
}

/** Reads a file of the site; `null` if there is none, if it is outside the site, or if its type is not served. */
async function readOrNull(file) {
  if (!file.startsWith(join(here, 'site/')) || !types[extname(file)]) return null
  return read(file).catch(() => null)
}
