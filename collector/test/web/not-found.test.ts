import { expect, it } from 'vitest'
import { collectorWith } from '../helpers/collector.js'

const page = '<!doctype html><title>Page</title>'
const asBrowser = { Accept: 'text/html,application/xhtml+xml,*/*;q=0.8' }
const docs = new Map([['index.html', Uint8Array.from(new TextEncoder().encode(page))]])
const explorer = new Map([['index.html', page]])

it('leads a browser at an unknown address to the documentation, its search and the explorer, also below the path of a proxy', async () => {
  const { get } = collectorWith({ docs, explorer })
  for (const path of ['/docs/guide/gone', '/docs/gone', '/gone', '/v1', '/v1/', '/v1/gone/gone', '/exploree/x']) {
    const { status, headers, text } = await get(path, asBrowser).then(async response => ({
      status: response.status,
      headers: response.headers,
      text: await response.text(),
    }))
    expect([path, status, headers.get('Content-Type')]).toEqual([path, 404, 'text/html; charset=UTF-8'])
    const links = [...text.matchAll(/href="([^"]+)"/g)].map(
      ([, to]) => new URL(to as string, `https://shop.example/stats${path}`).href,
    )
    expect(links.slice(0, 3)).toEqual([
      'https://shop.example/stats/docs/',
      'https://shop.example/stats/docs/#search',
      'https://shop.example/stats/',
    ])
    expect(headers.get('Content-Security-Policy')).toContain("default-src 'none'")
    expect(headers.get('Vary')).toBe('Accept')
  }
})

it('leads nowhere that is not there', async () => {
  const { get } = collectorWith({ docs: null, explorer: null, api: null })
  const text = await (await get('/docs/', asBrowser)).text()
  expect(text).toContain('Nothing is at this address')
  expect(text).not.toContain('href=')
})

it('answers a program as JSON, and does not repeat the address', async () => {
  const { get } = collectorWith({ docs, explorer })
  for (const accept of ['*/*', 'application/json', undefined]) {
    const response = await get('/docs/gone', accept === undefined ? {} : { Accept: accept })
    expect([response.status, await response.json()]).toMatchObject([404, { error: 'not-found' }])
  }
  expect(await (await get('/%3Cscript%3E', asBrowser)).text()).not.toMatch(/script/i)
})
