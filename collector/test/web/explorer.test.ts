import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { brotliCompressSync, brotliDecompressSync, constants, gunzipSync } from 'node:zlib'
import { describe, expect, it, onTestFinished } from 'vitest'
import { openExplorer } from '../../src/web/explorer.js'
import { serve } from '../../src/web/server.js'
import { collectorWith } from '../helpers/collector.js'

const script = `export const text = '${'explorer '.repeat(200)}'`
const styles = ':root { color-scheme: light dark }'
const html = `<!doctype html><link rel="stylesheet" href="./explorer-d2ff810b60.css"><script type="module" src="./explorer-c7638590c4.js"></script>`

/** Makes a folder as the build makes it. */
function folderWith(files: Readonly<Record<string, string | Uint8Array>>): URL {
  const folder = mkdtempSync(join(tmpdir(), 'sojourn-explorer-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text)
  return pathToFileURL(`${folder}/`)
}

const help = '    <link rel="help" href="./docs/">\n'
const built = { 'index.html': html, 'explorer-c7638590c4.js': script, 'explorer-d2ff810b60.css': styles }

function explorerWith(more: Parameters<typeof collectorWith>[0] = {}) {
  return collectorWith({ explorer: openExplorer(folderWith(built)), ...more })
}

describe('the explorer', () => {
  it('is one page at / and at every address below /explore/', async () => {
    const { get } = explorerWith()
    for (const path of ['/', '/explore/', '/explore/shop/now', '/explore/shop/sessions/a%2Fb?x=/y']) {
      const response = await get(path)
      expect([path, response.status, response.headers.get('Content-Type')]).toEqual([
        path,
        200,
        'text/html; charset=UTF-8',
      ])
    }
    expect(await (await get('/')).text()).toBe(html)
  })

  it('names its files so that a browser finds them from every address, also if a proxy serves it below a path', async () => {
    const { get } = explorerWith()
    for (const base of ['https://collector.example/', 'https://shop.example/stats/'])
      for (const path of ['', 'explore/', 'explore/shop/now', 'explore/shop/sessions/a%2Fb']) {
        const text = await (await get(`/${path}`)).text()
        const sources = [...text.matchAll(/(?:src|href)="([^"]+)"/g)].map(([, source = '']) => source)
        expect(sources.map(source => new URL(source, base + path).href)).toEqual([
          `${base}explorer-d2ff810b60.css`,
          `${base}explorer-c7638590c4.js`,
        ])
      }
  })

  it('leads to the documentation if the collector serves it, and else has no word of it', async () => {
    const files = openExplorer(folderWith({ ...built, 'index.html': help + html }))
    const without = collectorWith({ explorer: files })
    expect(await (await without.get('/explore/shop/now')).text()).toBe(
      await (await explorerWith().get('/explore/shop/now')).text(),
    )
    const { get } = collectorWith({ explorer: files, docs: new Map([['index.html', new Uint8Array()]]) })
    for (const path of ['', 'explore/shop/now']) {
      const [, way = ''] = /<link rel="help" href="([^"]+)"/.exec(await (await get(`/${path}`)).text()) ?? []
      const address = new URL(way, `https://shop.example/stats/${path}`)
      expect(address.href).toBe('https://shop.example/stats/docs/')
      expect((await get(address.pathname.replace('/stats', ''))).status).toBe(200)
    }
  })

  it('has a policy that allows nothing of another origin, no code in texts, and no frame', async () => {
    const { get } = explorerWith()
    const { headers } = await get('/explore/shop/now')
    expect(headers.get('Content-Security-Policy')).toBe(
      "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self' data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    )
    expect([headers.get('Referrer-Policy'), headers.get('X-Content-Type-Options')]).toEqual(['no-referrer', 'nosniff'])
    expect(headers.get('Access-Control-Allow-Origin')).toBeNull()
  })

  it('lets a browser keep what has a hash in its name for ever, and ask anew for the page', async () => {
    const { get } = explorerWith()
    const asset = await get('/explorer-c7638590c4.js')
    expect(asset.headers.get('Cache-Control')).toBe('public, max-age=31536000, immutable')
    const page = await get('/')
    expect(page.headers.get('Cache-Control')).toBe('no-cache')
    const again = await get('/', { 'If-None-Match': page.headers.get('ETag') as string })
    expect([again.status, await again.text()]).toEqual([304, ''])
    const changed = await get('/explore/shop/now', { 'If-None-Match': page.headers.get('ETag') as string })
    expect(changed.status).toBe(200)
  })

  it('is compressed as the browser allows, over HTTP too', async () => {
    const { app, get } = explorerWith()
    const ask = async (accepted: string) => {
      const response = await get('/explorer-c7638590c4.js', { 'Accept-Encoding': accepted })
      expect(response.headers.get('Vary')).toBe('Accept-Encoding')
      return { encoding: response.headers.get('Content-Encoding'), body: Buffer.from(await response.arrayBuffer()) }
    }
    const brotli = await ask('gzip, deflate, br;q=1.0')
    expect([brotli.encoding, brotliDecompressSync(brotli.body).toString()]).toEqual(['br', script])
    expect(brotli.body.length).toBeLessThan(script.length / 4)
    const zipped = await ask('gzip, br;q=0')
    expect([zipped.encoding, gunzipSync(zipped.body).toString()]).toEqual(['gzip', script])
    const plain = await ask('identity')
    expect([plain.encoding, plain.body.toString()]).toEqual([null, script])
    const server = await serve(app, { host: '127.0.0.1', port: 0 })
    onTestFinished(() => server.stop())
    const response = await fetch(`${server.url}/explorer-c7638590c4.js`, { headers: { 'Accept-Encoding': 'br' } })
    expect([response.headers.get('Content-Encoding'), await response.text()]).toEqual(['br', script])
  })

  it('gives the brotli form of a script that the build has made, so that nobody waits for it', async () => {
    const form = brotliCompressSync(script, { params: { [constants.BROTLI_PARAM_QUALITY]: 1 } })
    const { get } = collectorWith({
      explorer: openExplorer(folderWith({ ...built, 'explorer-c7638590c4.js.br': form })),
    })
    const response = await get('/explorer-c7638590c4.js', { 'Accept-Encoding': 'br' })
    expect(Buffer.from(await response.arrayBuffer())).toEqual(form)
    expect(form).not.toEqual(brotliCompressSync(script))
    expect((await get('/explorer-c7638590c4.js.br')).status).toBe(404)
  })

  it('has a tag of its own for each form of a file, so that no cache mixes them up', async () => {
    const { get } = explorerWith()
    const tags = await Promise.all(
      ['br', 'gzip', ''].map(async one => (await get('/', { 'Accept-Encoding': one })).headers.get('ETag')),
    )
    expect(new Set(tags).size).toBe(3)
  })

  it('needs no token, because it holds no data', async () => {
    const { get } = explorerWith({ readToken: 'reader', isLoopback: false, origins: ['https://shop.example'] })
    expect((await get('/explore/default/now', { 'X-Forwarded-For': '203.0.113.7' })).status).toBe(200)
    expect((await get('/v1/now')).status).toBe(401)
  })

  it('is 404 if it was not built or is turned off, and serves no file that is not its own', async () => {
    const off = collectorWith()
    for (const path of ['/', '/explore/shop/now', '/explorer-c7638590c4.js'])
      expect([path, (await off.get(path)).status]).toEqual([path, 404])
    const { get } = explorerWith()
    for (const path of ['/index.html', '/explorer-0000000000.js', '/..%2Fpackage.json', '/constructor.js', '/explorer'])
      expect([path, (await get(path)).status]).toEqual([path, 404])
  })

  it('was not built if its folder is missing or has no page', () => {
    expect(openExplorer(new URL('./missing/', folderWith({})))).toBeNull()
    expect(openExplorer(folderWith({ 'a.js': '1' }))).toBeNull()
    const folder = folderWith({ ...built, '.DS_Store': 'x', 'notes.txt': 'x' })
    mkdirSync(new URL('./sub.js/', folder))
    expect([...(openExplorer(folder)?.keys() ?? [])].toSorted()).toEqual(Object.keys(built).toSorted())
  })
})

describe('the inspector', () => {
  it('is a script that pages of every origin may load, and 404 if it was not built', async () => {
    const { get } = collectorWith({ inspector: { code: 'inspector()', map: '{}' } })
    const response = await get('/inspector.js')
    expect([await response.text(), response.headers.get('Access-Control-Allow-Origin')]).toEqual(['inspector()', '*'])
    expect((await get('/inspector.js.map')).status).toBe(200)
    expect((await collectorWith().get('/inspector.js')).status).toBe(404)
  })
})
