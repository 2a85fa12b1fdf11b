import { createServer, type IncomingMessage, type RequestListener, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { describe, expect, it, onTestFinished } from 'vitest'
import type { CollectorParts } from '../../src/collector.js'
import { examine } from '../../src/ops/doctor/doctor.js'
import { composeScript, toIntegrity, toRelease } from '../../src/scripts/pieces.js'
import { findBlocked, parsePolicies } from '../../src/sites/csp.js'
import { serve } from '../../src/web/server.js'
import { collectorWith, databasePath, noon } from '../helpers/collector.js'
import { runWith, spawnWith } from '../helpers/command.js'
import { freePort } from '../helpers/postgres.js'

const script = { code: 'fetch("/v1/sessions")', map: '{}' }
const pieces = { core: 'fetch("/v1/sessions", sojournPlugins)', plugins: { clicks: '(1)', vitals: '(2)' } }
const composed = composeScript(pieces, ['clicks'])

/** Starts a server for one test. Returns its origin. */
async function listen(answer: RequestListener): Promise<string> {
  const server = createServer(answer)
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

/** An address at which nothing listens. */
async function closedAddress(): Promise<string> {
  return `http://127.0.0.1:${await freePort()}`
}

/** Starts a site whose pages are this HTML. */
async function siteWith(html: string, headers: Record<string, string> = {}, status = 200): Promise<string> {
  return listen((_, response) => response.writeHead(status, { 'Content-Type': 'text/html', ...headers }).end(html))
}

/** Starts a collector with the key `shop`, which pages of `https://shop.example` may send to. Returns its origin. */
async function collectorAt(parts: Partial<CollectorParts> = {}): Promise<string> {
  const { app } = collectorWith({ keys: ['shop'], origins: ['https://shop.example'], script, now: Date.now, ...parts })
  const { url, stop } = await serve(app, { host: '127.0.0.1', port: 0 })
  onTestFinished(stop)
  return url
}

/** A `fetch` for which these hosts lead to other servers, as DNS and TLS would. Other hosts do not exist. */
function fetchWith(hosts: Readonly<Record<string, string>>): typeof fetch {
  return async (input, init) => {
    const url = new URL(input as URL)
    const target = hosts[url.host]
    if (!target) throw new TypeError('fetch failed', { cause: Object.assign(new Error(), { code: 'ENOTFOUND' }) })
    const response = await fetch(target + url.pathname + url.search, init)
    const reached = response.url.startsWith(target) ? url.origin + response.url.slice(target.length) : response.url
    return Object.defineProperty(response, 'url', { value: reached })
  }
}

const tag = '<script async src="https://stats.example/sojourn.js" data-key="shop"></script>'

interface Installation {
  readonly html?: string
  readonly headers?: Record<string, string>
  readonly status?: number
  readonly page?: string
  readonly key?: string | null
  readonly collector?: string | null
  readonly stats?: string
  readonly hosts?: Record<string, string>
  readonly now?: () => number
}

/** Examines `https://shop.example/`, whose collector is `https://stats.example`. Returns what was said. */
async function examineWith(given: Installation = {}) {
  const {
    html = tag,
    headers,
    status,
    page = 'https://shop.example/',
    key = null,
    collector = null,
    hosts,
    now,
  } = given
  const found: string[] = []
  const isWell = await examine(
    { page: new URL(page), key, collector: collector === null ? null : new URL(collector) },
    {
      fetch: fetchWith({
        'shop.example': await siteWith(html, headers, status),
        'stats.example': given.stats ?? (await collectorAt()),
        ...hosts,
      }),
      now: now ?? Date.now,
      report: ({ isGood, text, advice }) => found.push(`${isGood ? 'ok' : 'WRONG'} ${text}`, ...advice),
    },
  )
  return { isWell, found, wrong: found.filter(line => !line.startsWith('ok ')) }
}

const allWell = [
  'ok the page https://shop.example/ opens',
  'ok the page has the tag, with the key shop',
  'ok the script loads',
  'ok the collector takes records with this key from https://shop.example',
  'ok the collector answers the preflight',
  'ok the clock of the collector is right',
]

describe('doctor', () => {
  it('finds nothing wrong with a page that has the tag', async () => {
    expect(await examineWith()).toMatchObject({ isWell: true, found: allWell })
    expect(await examineWith({ key: 'shop' })).toMatchObject({ isWell: true, found: allWell })
    const policy = "default-src 'none'; script-src https://stats.example; connect-src https://stats.example"
    const { isWell, found } = await examineWith({ headers: { 'Content-Security-Policy': policy } })
    expect([isWell, found]).toEqual([
      true,
      [...allWell.slice(0, 3), 'ok the policy of the page allows it to send', ...allWell.slice(3)],
    ])
  })

  it('follows redirects, and looks at the origin where they end', async () => {
    // The redirect is followed by the real `fetch`, so the page must be a real address.
    const site = await siteWith(tag.replace('https://stats.example', await collectorAt({ origins: [] })))
    const from = await listen((_, response) => response.writeHead(302, { Location: site }).end())
    const found: string[] = []
    const isWell = await examine(
      { page: new URL(from), key: null, collector: null },
      { fetch, now: Date.now, report: ({ text }) => found.push(text) },
    )
    expect([isWell, found[0]]).toEqual([true, `the page leads to ${site}/, so its origin is ${site}`])
  })

  it('says that the page cannot be opened, and why', async () => {
    for (const [given, line] of [
      [{ page: 'https://nowhere.example/' }, 'WRONG the page cannot be opened: there is no host of that name'],
      [{ hosts: { 'shop.example': await closedAddress() } }, 'WRONG the page cannot be opened: nothing listens there'],
      [{ status: 404 }, 'WRONG the page https://shop.example/ answers with status 404'],
      [
        { hosts: { 'shop.example': (await siteWith(tag)).replace('http:', 'https:') } },
        'WRONG the page cannot be opened: it speaks HTTP at this port, and not HTTPS',
      ],
      [{ html: ' '.repeat(17 << 20) }, 'WRONG the page cannot be opened: its answer is larger than 16 MiB'],
      [{ headers: { 'Content-Type': 'application/json' } }, 'WRONG https://shop.example/ is no HTML page'],
    ] as const)
      expect(await examineWith(given)).toMatchObject({ isWell: false, found: [line, expect.any(String)] })
  })

  it('looks for the plugins that a tag names, and for the bytes of its hash', async () => {
    const stats = await collectorAt({ pieces })
    const { file, integrity } = { file: `sojourn-${toRelease(pieces)}.clicks.js`, integrity: toIntegrity(composed) }
    const at = (name: string, more: string): string =>
      `<script async src="https://stats.example/${name}" ${more} data-key="shop"></script>`
    const hash = (text: string): string => `crossorigin integrity="sha256-weak ${text}"`
    await fetch(`${stats}/v1/setup?plugins=clicks&pinned=true`)
    for (const [html, line] of [
      [at('sojourn.clicks.js', 'data-plugins="clicks"'), ''],
      [at('sojourn.js', 'data-plugins="vitals,clicks"'), ''],
      [at(file, `${hash(integrity)} data-plugins="clicks"`), ''],
      [at('sojourn.js', 'data-plugins="clickz"'), 'WRONG the plugins cannot be loaded: clickz (status 404)'],
      [
        at('sojourn.clickz.js', ''),
        'WRONG the script https://stats.example/sojourn.clickz.js gets status 404: unknown-plugin',
      ],
      [
        at('sojourn-0123456789ab.js', ''),
        'WRONG the script https://stats.example/sojourn-0123456789ab.js gets status 404: unknown-release',
      ],
      [
        at(file, `integrity="${integrity}"`),
        'WRONG the tag has a hash (integrity) and no crossorigin, so a browser does not run the script',
      ],
      [
        at(file, hash('sha384-AAAA')),
        'WRONG the script is not the one of the hash in the tag (integrity), so a browser does not run it',
      ],
      [
        at(file, `${hash(integrity)} data-plugins="clicks,vitals"`),
        'WRONG the tag names plugins that its script does not have, and its hash allows no other: vitals',
      ],
    ] as const) {
      const { isWell, wrong } = await examineWith({ html, stats })
      expect([html, isWell, wrong[0] ?? '']).toEqual([html, line === '', line])
    }
  })

  it('says that there is no tag, that it has no key, or another one', async () => {
    for (const [given, line] of [
      [{ html: '<h1>Hello</h1>' }, 'WRONG the page has no tag, unless a script adds it'],
      [{ html: '<!-- ' + tag + ' -->' }, 'WRONG the page has no tag, unless a script adds it'],
      [{ html: tag.replace(' data-key="shop"', '') }, 'WRONG the tag of the page has no data-key'],
      [{ key: 'other' }, 'WRONG the tag of the page has the key shop, not other'],
    ] as const) {
      const { isWell, wrong } = await examineWith(given)
      expect([isWell, wrong[0]]).toEqual([false, line])
    }
  })

  it('examines an application without a tag, if it is told key and collector', async () => {
    const app = {
      html: '<script type="module" src="/app.js"></script>',
      key: 'shop',
      collector: 'https://stats.example/',
    }
    expect(await examineWith(app)).toMatchObject({ isWell: true, wrong: [] })
    const { wrong } = await examineWith({ ...app, collector: null })
    expect(wrong.at(-1)).toMatch(/npm package has no tag: give --key and --collector/)
  })

  it('takes the collector of data-collector, of the command line, or of the script', async () => {
    const elsewhere = { html: tag.replace('data-key', 'data-collector="/stats" data-key') }
    const shop = await listen((request, response) => {
      response.writeHead(request.url === '/' ? 200 : 404, { 'Content-Type': 'text/html' }).end(elsewhere.html)
    })
    const { wrong } = await examineWith({ ...elsewhere, hosts: { 'shop.example': shop } })
    expect(wrong[0]).toBe('WRONG no collector answers at https://shop.example/stats/v1/sessions (status 404)')
    expect(await examineWith({ ...elsewhere, collector: 'https://stats.example' })).toMatchObject({ isWell: true })
  })

  it('says that the script is missing, is a page, is of another kind, or has the wrong type', async () => {
    const asked: (string | undefined)[] = []
    for (const [reply, line] of [
      [[404, 'text/plain', ''], 'WRONG the script https://stats.example/sojourn.js gets status 404'],
      [
        [200, 'text/html', '<h1>Log in</h1>'],
        'WRONG the script https://stats.example/sojourn.js has the type text/html, so a browser does not run it',
      ],
      [[200, 'text/javascript', 'jQuery'], 'WRONG https://stats.example/sojourn.js is not the script of Sojourn'],
    ] as const) {
      const [status, type, text] = reply
      const stats = await listen((request, response) => {
        asked.push(request.headers.referer)
        response.writeHead(status, { 'Content-Type': type }).end(text)
      })
      const { isWell, wrong } = await examineWith({ stats })
      expect([isWell, wrong[0]]).toEqual([false, line])
    }
    expect(asked).toContain('https://shop.example/')
    const { wrong } = await examineWith({
      html: tag.replace('stats.example/', 'nowhere.example/'),
      collector: 'https://stats.example',
    })
    expect(wrong[0]).toBe(
      'WRONG the script https://nowhere.example/sojourn.js cannot be loaded: there is no host of that name',
    )
  })

  it('prints the lines that the policy of the page needs', async () => {
    const blocks = {
      script: 'WRONG the Content-Security-Policy of the page blocks the script',
      connect: 'WRONG the Content-Security-Policy of the page blocks requests to the collector',
    }
    const policy = "default-src 'self'; script-src 'self' https://cdn.example"
    const { isWell, wrong } = await examineWith({ headers: { 'Content-Security-Policy': policy } })
    expect([isWell, wrong]).toEqual([
      false,
      [
        blocks.script,
        'change this line of the policy to:',
        "  script-src 'self' https://cdn.example https://stats.example",
        blocks.connect,
        'change this line of the policy to:',
        "  connect-src 'self' https://stats.example",
      ],
    ])
    const meta = `<meta http-equiv="content-security-policy" content="connect-src 'none'">${tag}`
    expect((await examineWith({ html: meta })).wrong).toEqual([
      blocks.connect,
      'change this line of the policy to:',
      '  connect-src https://stats.example',
    ])
    const strict = { 'Content-Security-Policy': "script-src 'nonce-abc' 'strict-dynamic' https:" }
    expect((await examineWith({ headers: strict })).wrong[1]).toMatch(/give the tag the nonce/)
    expect((await examineWith({ headers: strict, html: tag.replace('async', 'async nonce="abc"') })).isWell).toBe(true)
  })

  it('says that a sandbox of the policy leaves the page without scripts or without an origin', async () => {
    const { isWell, wrong } = await examineWith({ headers: { 'Content-Security-Policy': 'sandbox allow-scripts' } })
    expect([isWell, wrong]).toEqual([
      false,
      [
        'WRONG the Content-Security-Policy of the page puts it into a sandbox, where it can record nothing',
        'add to the line sandbox of the policy: allow-same-origin',
      ],
    ])
    const whole = 'sandbox Allow-Scripts allow-same-origin'
    expect((await examineWith({ headers: { 'Content-Security-Policy': whole } })).isWell).toBe(true)
    // A browser ignores it in an element.
    const html = `<meta http-equiv="Content-Security-Policy" content="sandbox">${tag}`
    expect((await examineWith({ html })).isWell).toBe(true)
  })

  it('says that the key is unknown', async () => {
    const { isWell, wrong } = await examineWith({ html: tag.replace('"shop"', '"shpo"') })
    expect([isWell, wrong]).toEqual([
      false,
      [
        'WRONG the collector does not know the key shpo (401)',
        'correct data-key, or start the collector with --key shpo, or add a site with that key',
      ],
    ])
  })

  it('says that the origin is unknown', async () => {
    const { isWell, wrong } = await examineWith({ stats: await collectorAt({ origins: ['https://other.example'] }) })
    expect([isWell, wrong]).toEqual([
      false,
      [
        'WRONG the collector does not know the origin https://shop.example (403), so pages there may not send',
        'start the collector with --origin https://shop.example, or add that origin to the site',
      ],
    ])
  })

  it('says that a proxy removes nothing of the path, or that another server answers', async () => {
    const { wrong } = await examineWith({ collector: 'https://stats.example/stats' })
    expect(wrong).toEqual([
      'WRONG a collector answers at https://stats.example, but not at the path /stats/v1/sessions (404)',
      'let the proxy remove what stands before /v1, or correct the address of the collector',
    ])
    const other = await listen((_, response) => response.writeHead(200, { 'Content-Type': 'text/html' }).end('Log in'))
    const foreign = await examineWith({ collector: 'https://other.example', hosts: { 'other.example': other } })
    expect(foreign.wrong[0]).toBe('WRONG no collector answers at https://other.example/v1/sessions (status 200)')
    const moved = await listen((_, response) => response.writeHead(308, { Location: 'https://stats.example/' }).end())
    const redirected = await examineWith({ collector: 'https://other.example', hosts: { 'other.example': moved } })
    expect(redirected.wrong).toEqual([
      'WRONG https://other.example/v1/sessions redirects (308), so a browser sends no records there',
      'give the final address: https://stats.example/',
    ])
    const gone = await examineWith({ collector: 'https://nowhere.example' })
    expect(gone.wrong[0]).toBe(
      'WRONG the collector at https://nowhere.example cannot be reached: there is no host of that name',
    )
  })

  it('says that the collector takes no records now', async () => {
    const { store } = collectorWith()
    const failing = { ...store, merge: async () => Promise.reject(new Error('disk full')) }
    const { wrong } = await examineWith({ stats: await collectorAt({ store: failing }) })
    expect(wrong).toEqual([
      'WRONG the collector takes no records now: store-failed (503)',
      'the batch could not be stored',
    ])
  })

  it('says that a proxy spoils the headers or the preflight', async () => {
    const stats = await collectorAt()
    const proxyWith = async (change: (response: Response, method: string) => Response) =>
      listen((request, response) => void pass(request, response, change))
    async function pass(
      request: IncomingMessage,
      response: ServerResponse,
      change: (response: Response, method: string) => Response,
    ): Promise<void> {
      const body = Buffer.concat(await request.toArray())
      const method = request.method ?? ''
      const headers = { Origin: request.headers.origin ?? '' }
      const got = change(await fetch(stats + request.url, { method, headers, ...(body.length && { body }) }), method)
      response.writeHead(got.status, Object.fromEntries(got.headers)).end(await got.text())
    }
    const bare = await proxyWith(({ status, body }) => new Response(body, { status }))
    const { wrong } = await examineWith({ collector: 'https://proxy.example', hosts: { 'proxy.example': bare } })
    expect(wrong[0]).toBe(
      'WRONG the collector takes records, but its answer does not allow https://shop.example to read it',
    )
    const noOptions = await proxyWith((response, method) =>
      method === 'OPTIONS'
        ? new Response('', { status: 405 })
        : new Response(response.body, { headers: { 'Access-Control-Allow-Origin': '*' } }),
    )
    const preflight = await examineWith({ collector: 'https://proxy.example', hosts: { 'proxy.example': noOptions } })
    expect(preflight.wrong[0]).toBe('WRONG the preflight of a page gets status 405')
  })

  it('says that a page of HTTPS may not load from HTTP, and that the address is of the visitor', async () => {
    const stats = await collectorAt()
    const plain = await examineWith({ html: tag.replace('https://stats', 'http://stats'), stats })
    expect([plain.isWell, plain.wrong]).toEqual([
      false,
      [
        'WRONG the page is HTTPS and the script is HTTP (http://stats.example), so a browser blocks it',
        'give the script an address with https://',
        'WRONG the page is HTTPS and the collector is HTTP (http://stats.example), so a browser blocks it',
        'give the collector an address with https://',
      ],
    ])
    const local = await examineWith({ collector: 'http://localhost:4318', hosts: { 'localhost:4318': stats } })
    expect(local.wrong[0]).toBe("WRONG the collector is at localhost:4318, which is the visitor's own machine")
  })

  it("says whose clock is off, by the date of the page's server", async () => {
    const headers = { Date: new Date(noon).toUTCString() }
    const behind = await collectorAt({ now: () => noon - 3_600_000 })
    const there = await examineWith({ stats: behind, headers, now: () => noon })
    expect(there.wrong[0]).toBe('WRONG the clock of the collector is 3600 s off')
    const stats = await collectorAt({ now: () => noon })
    const here = await examineWith({ stats, headers, now: () => noon + 60_000 })
    expect(here.wrong[0]).toBe(
      'WRONG the clock of this machine is 60 s off; those of the collector and of the page agree',
    )
  })

  it('stores nothing', async () => {
    const { app, store } = collectorWith({ keys: ['shop'], origins: ['https://shop.example'], script, now: Date.now })
    const { url, stop } = await serve(app, { host: '127.0.0.1', port: 0 })
    onTestFinished(stop)
    expect((await examineWith({ stats: url })).isWell).toBe(true)
    expect(Object.values((store as never as { state(): object }).state()).flat()).toEqual([])
  })
})

describe('the command doctor', () => {
  it('prints what it finds about a real collector, and ends with 0 only if all is well', async () => {
    const url = await spawnWith(['--db', databasePath(), '--port=0', '--key=shop']).listens
    const site = await siteWith(`<head>${tag.replace('https://stats.example', url)}</head>`)
    const well = await runWith(['doctor', site])
    expect([well.code, well.warned, well.printed]).toEqual([
      0,
      [],
      [
        `ok     the page ${site}/ opens`,
        'ok     the page has the tag, with the key shop',
        'ok     the script loads',
        `ok     the collector takes records with this key from ${site}`,
        'ok     the collector answers the preflight',
        'ok     the clock of the collector is right',
        'All is well.',
      ],
    ])
    const wrong = await runWith(['doctor', site, '--key', 'other'])
    expect([wrong.code, wrong.printed[1], wrong.printed[2], wrong.printed.at(-1)]).toEqual([
      1,
      'WRONG  the tag of the page has the key shop, not other',
      '       → correct data-key, or give the other key',
      'Not all is well.',
    ])
  })

  it('prints nothing of a hostile page that commands the terminal, or looks like a line of its own', async () => {
    const odd = '\u001b[2J\u009b1A\u202e\u2028\r\nok     the page has the tag'
    const site = await listen((request, response) => {
      if (request.method === 'POST') response.end(JSON.stringify({ v: 1, error: odd, message: odd }))
      else response.writeHead(200, { 'Content-Type': 'text/html' }).end(`<script src="/sojourn.js" data-key="${odd}">`)
    })
    const { code, printed } = await runWith(['doctor', site])
    expect([code, printed.some(line => line.includes('takes no records now'))]).toEqual([1, true])
    for (const line of printed) expect(line).not.toMatch(/[\p{C}\p{Zl}]/u)
    expect(printed[1]).toContain('the key \\u001b[2J\\u009b1A\\u202e\\u2028\\u000aok')
    const long = await siteWith(`<script src="/sojourn.js" data-key="${'x'.repeat(100_000)}"></script>`)
    expect((await runWith(['doctor', long])).printed.every(line => line.length < 5000)).toBe(true)
  })

  it('sends the user and password of an address, and never prints them', async () => {
    const url = await collectorAt({ origins: [] })
    const asked: (string | undefined)[] = []
    const site = await listen((request, response) => {
      asked.push(request.headers.authorization)
      response.writeHead(200, { 'Content-Type': 'text/html' }).end(tag.replace('https://stats.example', url))
    })
    const { code, printed } = await runWith(['doctor', site.replace('//', '//me:hunter2Hx@')])
    expect([code, asked]).toEqual([0, [`Basic ${Buffer.from('me:hunter2Hx').toString('base64')}`]])
    expect(printed.join()).not.toMatch(/hunter/)
  })

  it('needs an address, and names a wrong one in one line', async () => {
    for (const [args, line] of [
      [[], 'doctor: name a page, such as doctor https://shop.example/'],
      [['shop.example'], 'doctor: write the address as https://shop.example/'],
      [['https://a.example', '--collector=x'], '--collector: write the address as https://shop.example/'],
      [['https://a.example', '--key=a b'], '--key: a key is 1 to 100 letters, digits, dots, hyphens or underscores'],
    ] as const)
      expect(await runWith(['doctor', ...args])).toMatchObject({ code: 2, warned: [`sojourn-collector: ${line}`] })
  })
})

describe('a policy', () => {
  const page = new URL('https://shop.example/cart')
  const lineOf = (
    policy: string,
    kind: 'script' | 'connect',
    url = 'https://stats.example/sojourn.js',
    nonce: string | null = null,
  ) => parsePolicies(policy).map(one => findBlocked(one, { kind, url: new URL(url), page, nonce })?.line ?? null)

  it('allows what its sources match', () => {
    for (const [sources, url] of [
      ['*', 'https://stats.example/a'],
      ['https:', 'https://stats.example/a'],
      ['http:', 'https://stats.example/a'],
      ['stats.example', 'https://stats.example/a'],
      ['STATS.example', 'https://stats.example/a'],
      ['*.example', 'https://stats.example/a'],
      ['http://stats.example', 'https://stats.example/a'],
      ['https://stats.example:443', 'https://stats.example/a'],
      ['https://stats.example:*', 'https://stats.example:8443/a'],
      ['https://stats.example/a/', 'https://stats.example/a/b'],
      ['https://stats.example/a', 'https://stats.example/a'],
      ["'self'", 'https://shop.example/a'],
      ["'SELF'", 'https://shop.example/a'],
      ["'none' https://stats.example", 'https://stats.example/a'],
    ] as const)
      expect([sources, lineOf(`connect-src ${sources}`, 'connect', url)]).toEqual([sources, [null]])
  })

  it('blocks what they do not match', () => {
    for (const [sources, url] of [
      ['', 'https://stats.example/a'],
      ["'none'", 'https://stats.example/a'],
      ["'self'", 'https://stats.example/a'],
      ["'self'", 'https://shop.example:8443/a'],
      ['https:', 'http://stats.example/a'],
      ['stats.example', 'http://stats.example/a'],
      ['*.stats.example', 'https://stats.example/a'],
      ['other.example', 'https://stats.example/a'],
      ['https://stats.example', 'https://stats.example:8443/a'],
      ['https://stats.example/a', 'https://stats.example/a/b'],
      ["'unsafe-inline'", 'https://stats.example/a'],
    ] as const)
      expect([sources, lineOf(`connect-src ${sources}`, 'connect', url)[0]]).toEqual([
        sources,
        expect.stringMatching(/^connect-src/),
      ])
  })

  it('is looked up in the most special directive that it has', () => {
    expect(lineOf("default-src 'none'; script-src-elem https://stats.example; script-src 'none'", 'script')).toEqual([
      null,
    ])
    expect(lineOf("default-src https:; script-src 'self'", 'script')).toEqual([
      "script-src 'self' https://stats.example",
    ])
    expect(lineOf("Default-Src 'self'", 'script')).toEqual(["script-src 'self' https://stats.example"])
    expect(lineOf('img-src x', 'script')).toEqual([null])
  })

  it('must allow an access in each of its headers', () => {
    expect(lineOf("script-src *, script-src 'none', img-src x", 'script')).toEqual([
      null,
      'script-src https://stats.example',
      null,
    ])
  })

  it("counts only the nonce if it has 'strict-dynamic'", () => {
    const policy = "script-src 'strict-dynamic' 'nonce-a' https:"
    expect(lineOf(policy, 'script', undefined, 'a')).toEqual([null])
    expect(lineOf(policy, 'script', undefined, 'b')).toHaveLength(1)
    expect(
      findBlocked(parsePolicies(policy)[0] as never, {
        kind: 'script',
        url: new URL('https://stats.example'),
        page,
        nonce: 'b',
      }),
    ).toMatchObject({ needsNonce: true })
  })
})
