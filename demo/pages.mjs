// The shop's files. The file of a page has its title and its content; layout.html has what all pages share.
import { readFile } from 'node:fs/promises'
import { extname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { findProduct } from './site/catalogue.js'

const here = fileURLToPath(new URL('.', import.meta.url))
const types = { '.html': 'text/html', '.css': 'text/css', '.js': 'text/javascript', '.svg': 'image/svg+xml' }

/** Answers the request of a URL. If there is no such file, the answer is 404 with not-found.html. */
export async function readSite({ pathname, searchParams }, collector) {
  const path = toFile(decodeURIComponent(pathname))
  const type = `${types[extname(path)]}; charset=utf-8`
  const text = await readOrNull(join(here, 'site', path))
  if (text === null)
    return { status: 404, type: `${types['.html']}; charset=utf-8`, body: await toPage('not-found.html', collector) }
  const isPage = extname(path) === '.html'
  const body = isPage ? await toPage(path, collector, findProduct(searchParams.get('id'))?.name) : text
  return { status: 200, type, body }
}

/** The account is one single-page app, so all its addresses are one file. */
function toFile(pathname) {
  if (pathname === '/') return 'index.html'
  if (pathname === '/favicon.ico') return 'pictures/mark.svg'
  return /^\/account(\/|$)/.test(pathname) ? 'account.html' : pathname
}

async function toPage(path, collector, name) {
  const [layout, text] = await Promise.all([read(join(here, 'layout.html')), read(join(here, 'site', path))])
  const [, title, main] = /<title>(.*)<\/title>\s*([^]*)/.exec(text)
  const parts = { title: name ? `${name} · Harbour Lane` : title, main, collector }
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
