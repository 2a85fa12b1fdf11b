import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { brotliCompressSync, brotliDecompressSync, constants, gunzipSync } from 'node:zlib'
import { describe, expect, it, onTestFinished } from 'vitest'
import { openDocs } from '../../src/web/docs.js'
import { collectorWith } from '../helpers/collector.js'

const html = `<!doctype html><title>Docs</title>${'<p>text</p>'.repeat(50)}`
const picture = Uint8Array.from([137, 80, 78, 71, 0, 255])
const built = {
  'index.html': html,
  'guide/index.html': html,
  'guide/in-a-page.html': html,
  'pictures/a.png': picture,
  'search.json': '[]',
}

/** Makes a folder as `npm run docs` makes it. */
function folderWith(files: Readonly<Record<string, string | Uint8Array>>): URL {
  const folder = mkdtempSync(join(tmpdir(), 'sojourn-docs-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  for (const [name, body] of Object.entries(files)) {
    mkdirSync(join(folder, name, '..'), { recursive: true })
    writeFileSync(join(folder, name), body)
  }
  return pathToFileURL(`${folder}/`)
}

const docsWith = (more: Parameters<typeof collectorWith>[0] = {}) =>
  collectorWith({ docs: openDocs(folderWith(built)), ...more })

describe('the documentation', () => {
  it('is at /docs/, and /docs leads there, also if a proxy serves the collector below a path', async () => {
    const { get } = docsWith()
    for (const path of ['/docs/', '/docs/index.html', '/docs/guide/', '/docs/guide/in-a-page.html']) {
      const response = await get(path)
      expect([path, response.headers.get('Content-Type')]).toEqual([path, 'text/html; charset=UTF-8'])
      expect(await response.text()).toBe(html)
    }
    const { status, headers } = await get('/docs')
    expect(status).toBe(302)
    const location = headers.get('Location') as string
    expect(new URL(location, 'https://shop.example/stats/docs').pathname).toBe('/stats/docs/')
  })

  it('has a policy that allows nothing of another origin, no code and no style in a page, and no frame', async () => {
    const { get } = docsWith()
    const policy = (await get('/docs/')).headers.get('Content-Security-Policy')
    expect(policy).toBe(
      "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'",
    )
  })

  it('needs no token, because it says nothing about what is stored', async () => {
    const { get } = docsWith({ readToken: 'reader', isLoopback: false, origins: ['https://shop.example'] })
    expect((await get('/docs/', { 'X-Forwarded-For': '203.0.113.7' })).status).toBe(200)
  })

  it('gives pictures as they are, and texts compressed', async () => {
    const { get } = docsWith()
    const accepted = { 'Accept-Encoding': 'gzip, br' }
    const response = await get('/docs/pictures/a.png', accepted)
    expect(new Uint8Array(await response.arrayBuffer())).toEqual(picture)
    expect([response.headers.get('Content-Type'), response.headers.get('Content-Encoding')]).toEqual([
      'image/png',
      null,
    ])
    const page = await get('/docs/', accepted)
    expect(brotliDecompressSync(Buffer.from(await page.arrayBuffer())).toString()).toBe(html)
  })

  it('gives the brotli form that the build has made, so that nobody waits for it', async () => {
    const text = JSON.stringify(Array.from({ length: 500 }, (_one, place) => `word ${place * place}`))
    // Not what the text would be compressed to now.
    const form = brotliCompressSync(text, { params: { [constants.BROTLI_PARAM_QUALITY]: 1 } })
    const files = { ...built, 'search.json': text, 'search.json.br': form }
    const { get } = collectorWith({ docs: openDocs(folderWith(files)) })
    const bytesOf = async (accepted: string): Promise<Buffer> =>
      Buffer.from(await (await get('/docs/search.json', { 'Accept-Encoding': accepted })).arrayBuffer())
    expect(await bytesOf('gzip, br')).toEqual(form)
    expect(form).not.toEqual(brotliCompressSync(text))
    expect(gunzipSync(await bytesOf('gzip')).toString()).toBe(text)
    expect((await bytesOf('identity')).toString()).toBe(text)
    expect((await get('/docs/search.json.br')).status).toBe(404)
  })

  it('is asked for anew, and sent again only if it has changed', async () => {
    const { get } = docsWith()
    const { headers } = await get('/docs/pictures/a.png')
    expect(headers.get('Cache-Control')).toBe('no-cache')
    const again = await get('/docs/pictures/a.png', { 'If-None-Match': headers.get('ETag') as string })
    expect(again.status).toBe(304)
  })

  it('is 404 if it was not built, and has no file that is not its own', async () => {
    const off = collectorWith()
    for (const path of ['/docs', '/docs/', '/docs/index.html'])
      expect([path, (await off.get(path)).status]).toEqual([path, 404])
    const { get } = docsWith()
    for (const path of ['/docs/missing/', '/docs/..%2Fpackage.json', '/docs/constructor', '/docs/guide/missing.html'])
      expect([path, (await get(path)).status]).toEqual([path, 404])
  })

  it('was not built if its folder is missing or has no first page', () => {
    expect(openDocs(new URL('./missing/', folderWith({})))).toBeNull()
    expect(openDocs(folderWith({ 'a.js': '1' }))).toBeNull()
    const files = openDocs(folderWith({ ...built, '.DS_Store': 'x', 'guide/notes.txt': 'x' }))
    expect([...(files?.keys() ?? [])].toSorted()).toEqual(Object.keys(built).toSorted())
  })
})
