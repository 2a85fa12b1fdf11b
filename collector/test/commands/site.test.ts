import { writeFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { openStore } from '../../src/commands/open-store.js'
import { makeHelp, start } from '../../src/start.js'
import { openSqlite } from '../../src/store/sqlite/sqlite.js'
import { wireBatch, wireEvent } from '../helpers/batches.js'
import { databasePath } from '../helpers/collector.js'
import { spawnWith } from '../helpers/command.js'

/** Runs commands on one database. */
function commandsOn(db = databasePath()) {
  return {
    db,
    async run(...args: string[]) {
      const printed: string[] = []
      const warned: string[] = []
      const parts = { print: (line: string) => printed.push(line), warn: (line: string) => warned.push(line) }
      const code = await start({ args: [...args, '--db', db], env: {}, ...parts, onStop: () => {} })
      return { code, printed, warned, last: printed.at(-1) ?? '' }
    },
    /** Makes the database, which only `add` does by itself. */
    async make() {
      await (await openStore(db)).close()
    },
    /** What was decided, as the database has it. */
    async read() {
      const store = await openSqlite(db)
      const state = await store.admin.read()
      await store.close()
      return state
    },
  }
}

const keyIn = (line: string): string => /data-key="([^"]+)"/.exec(line)?.[1] ?? ''

describe('a running collector', () => {
  it('notices sites, keys, origins and tokens that another process adds and ends', async () => {
    const { db, run } = commandsOn()
    const url = await spawnWith(['--db', db, '--port', '0']).listens
    const Origin = 'https://shop.example'
    const body = JSON.stringify(wireBatch([wireEvent('a')]))
    const send = async (key: string, headers = { Origin }) =>
      (await fetch(`${url}/v1/sessions?key=${key}`, { method: 'POST', body, headers })).status
    const read = async (token: string, path = '/v1/identities') =>
      (await fetch(url + path, { headers: token ? { Authorization: `Bearer ${token}` } : {} })).status
    expect([await send('any'), await read('')]).toEqual([403, 200])

    const key = keyIn((await run('site', 'add', 'shop', '--origin', Origin)).last)
    // Until then, every key means the site default.
    await expect.poll(() => read('')).toBe(401)
    expect([await send(key), await send('any')]).toEqual([200, 401])

    const token = (await run('token', 'add', 'reports', '--site', 'shop')).last
    expect([await read(token), await read(token, '/v1/sites/shop/identities')]).toEqual([200, 200])
    expect(await read(token, '/v1/sites/default/identities')).toBe(403)

    await run('site', 'origin', 'add', 'shop', 'https://m.shop.example')
    await expect.poll(() => send(key, { Origin: 'https://m.shop.example' })).toBe(200)
    const next = keyIn((await run('site', 'rotate-key', 'shop')).last)
    expect([await send(next), await send(key)]).toEqual([200, 200])
    await run('site', 'withdraw-key', key)
    await expect.poll(() => send(key)).toBe(401)
    await run('token', 'end', 'reports')
    await expect.poll(() => read(token)).toBe(401)
    await run('site', 'end', 'shop')
    await expect.poll(() => send(next)).toBe(401)
  })
})

describe('site', () => {
  it('add prints the write key and the tag to paste', async () => {
    const { run, read } = commandsOn()
    const args = ['--origin', 'https://Shop.example/', '--url', 'https://stats.example/']
    const { code, printed, warned } = await run('site', 'add', 'shop', ...args)
    expect(warned).toEqual([])
    const { sites, keys, origins } = await read()
    const [made] = keys
    expect([code, printed]).toEqual([
      0,
      [
        `The site shop has the write key ${made?.key}. Paste this into its pages:`,
        `<script async src="https://stats.example/sojourn.js" data-key="${made?.key}"></script>`,
      ],
    ])
    expect(made?.key).toMatch(/^[\w-]{16}$/)
    expect(sites).toMatchObject([{ name: 'shop', endsAt: null, keepMs: null, quota: null }])
    expect(origins).toEqual([{ site: 'shop', origin: 'https://shop.example' }])
  })

  it('add takes a key that is in use already, and says that no page may send without an origin', async () => {
    const { run, read } = commandsOn()
    const { last } = await run('site', 'add', 'shop', '--key', 'old-key')
    expect(last).toMatch(/^No page may send yet: /)
    expect((await read()).keys).toMatchObject([{ key: 'old-key', site: 'shop' }])
  })

  it('says what to do with a tag for whose collector no address was named, and prints nothing else', async () => {
    const { run } = commandsOn()
    for (const args of [
      ['add', 'shop', '--origin', 'https://shop.example'],
      ['rotate-key', 'shop'],
    ]) {
      const { last, warned } = await run('site', ...args)
      expect(last).toMatch(/^<script .*<\/script>$/)
      expect(warned).toEqual([
        'Put the address of your collector in the place of https://collector.example, or name it: --url',
      ])
    }
  })

  it('rotate-key ends the old keys at the date that is given, and in 30 days otherwise', async () => {
    const { run, read } = commandsOn()
    await run('site', 'add', 'shop', '--key', 'first')
    await run('site', 'add', 'blog', '--key', 'other')
    await run('site', 'rotate-key', 'shop', '--until', '2999-01-31')
    const endOf = async (key: string) => (await read()).keys.find(one => one.key === key)?.endsAt
    expect([await endOf('first'), await endOf('other')]).toEqual([Date.UTC(2999, 0, 31), null])
    await run('site', 'rotate-key', 'shop')
    const days = (((await endOf('first')) as number) - Date.now()) / 86_400_000
    expect(Math.round(days)).toBe(30)
    await run('site', 'rotate-key', 'blog', '--until', 'never')
    expect(await endOf('other')).toBe(null)
  })

  it('keep, quota and end change the site, and list shows all of it without a secret', async () => {
    const { run, read } = commandsOn()
    await run('site', 'add', 'shop', '--key', 'k', '--origin', 'https://shop.example')
    await run('site', 'keep', 'shop', '400d')
    await run('site', 'quota', 'shop', '--requests', '600', '--bytes', '1000000')
    const secret = (await run('site', 'proof-secret', 'add', 'shop')).last
    await run('site', 'end', 'shop')
    const [shop] = (await read()).sites
    expect(shop).toMatchObject({
      keepMs: 400 * 86_400_000,
      quota: { requestsPerMinute: 600, bytesPerMinute: 1_000_000, recordsPerMinute: null },
    })
    const { printed } = await run('site', 'list')
    const text = printed.join('\n')
    for (const part of [/^shop, since .*, has ended /m, 'key     k', 'origin  https://shop.example', 'for 400d'])
      expect(text).toMatch(part)
    expect(text).toContain('600 requests, 1000000 bytes in a minute')
    expect([secret.length, text.includes(secret)]).toEqual([43, false])
    await run('site', 'keep', 'shop', 'forever')
    await run('site', 'quota', 'shop')
    expect((await read()).sites[0]).toMatchObject({ keepMs: null, quota: null })
  })

  it('proof-secret adds a made or given secret, and removes it by its id', async () => {
    const { db, run, read, make } = commandsOn()
    await make()
    const file = `${db}.secret`
    writeFileSync(file, 'a secret of the server\n')
    const { printed } = await run('site', 'proof-secret', 'add', 'default', '--secret-file', file)
    const id = /id (\w{8})\./.exec(printed.join())?.[1] as string
    expect(printed.join()).not.toContain('a secret')
    const made = (await run('site', 'proof-secret', 'add', 'default')).last
    expect((await read()).secrets.map(({ secret }) => secret).sort()).toEqual(['a secret of the server', made].sort())
    await run('site', 'proof-secret', 'remove', 'default', id)
    expect((await read()).secrets.map(({ secret }) => secret)).toEqual([made])
  })

  for (const [args, message] of [
    [['site'], /^site: say what to do: add, tag, list, /],
    [['site', 'ad', 'shop'], /^site: say what to do: /],
    [['site', 'add'], /^site add: a word is missing/],
    [['site', 'add', 'Shop'], /^Shop: a site is 1 to 64 small letters/],
    [['site', 'add', '..'], /^\.\.: a site is/],
    [
      ['site', 'add', 'shop', '--origin', 'shop.example'],
      /^--origin shop\.example: write it as https:\/\/shop\.example/,
    ],
    [['site', 'add', 'shop', '--key', 'a b'], /^a key is 1 to 100 letters/],
    [['site', 'add', 'shop', '--url', 'stats'], /^--url stats: write it as/],
    [['site', 'add', 'shop', '--site', 'x'], /^Unknown option '--site'/],
    [['site', 'rotate-key', 'shop'], /^there is no site shop; site list shows all$/],
    [['site', 'rotate-key', 'shop', '--until', 'soon'], /^--until soon: write it as 30d/],
    [['site', 'withdraw-key', 'k'], /^there is no key k/],
    [
      ['site', 'origin', 'remove', 'default', 'https://a.example'],
      /^the site default has no origin https:\/\/a\.example/,
    ],
    [['site', 'keep', 'default', '400'], /^site keep 400: write it as 400d/],
    [['site', 'quota', 'default', '--records', '0'], /^--records 0: it is a whole number/],
    [['site', 'proof-secret', 'remove', 'default', 'abc'], /^the site default has no secret abc/],
    [['token', 'add', 'a', '--site', 'nowhere'], /^there is no site nowhere/],
    [['token', 'add', 'a', '--right', 'write'], /^--right write: a right is one of read, export, erase, metrics/],
    [['token', 'add', ''], /^the name of a token is/],
    [['token', 'end', 'a'], /^there is no token a/],
    [['token', 'add', 'a', '--until', '2027-02-31'], /^--until 2027-02-31: write it as 30d/],
    [['token', 'add', 'a', '--until', '2027-02-31T12:00Z'], /^--until 2027-02-31T12:00Z: write it as 30d/],
  ] as const)
    it(`and token say in one line what is wrong: ${args.join(' ')}`, async () => {
      const { run, read, make } = commandsOn()
      await make()
      const { code, printed, warned } = await run(...args)
      expect([printed, warned]).toEqual([[], [expect.stringMatching(/^sojourn-collector: [^\n]+$/)]])
      expect(warned[0]?.replace('sojourn-collector: ', '')).toMatch(message)
      expect(code).toBeGreaterThan(0)
      expect(await read()).toMatchObject({ sites: [], keys: [], tokens: [] })
    })

  it('and token refuse what is there already', async () => {
    const { run } = commandsOn()
    await run('site', 'add', 'shop', '--key', 'k')
    await run('token', 'add', 'a')
    await run('site', 'withdraw-key', 'k')
    for (const [args, message] of [
      [['site', 'add', 'shop'], 'there is a site shop already'],
      [['site', 'add', 'blog', '--key', 'k'], 'this key was given before'],
      [['token', 'add', 'a'], 'there is a token a already'],
    ] as const)
      expect((await run(...args)).warned).toEqual([`sojourn-collector: ${message}`])
  })

  it('and token stand in the help', () => {
    for (const name of ['site', 'token']) expect(makeHelp()).toContain(`\n  ${name} `)
  })
})

describe('token', () => {
  it('add prints the token once, and the database has only its digest', async () => {
    const { db, run, read } = commandsOn()
    await run('site', 'add', 'shop')
    const { code, printed, last } = await run(
      'token',
      'add',
      'reports',
      '--site',
      'shop',
      '--right',
      'erase',
      '--right',
      'read',
    )
    expect([code, printed[0]]).toEqual([0, 'The token reports may read, erase shop. It is not shown again:'])
    expect(last).toMatch(/^[\w-]{43}$/)
    const { tokens } = await read()
    expect(tokens).toMatchObject([{ name: 'reports', sites: ['shop'], rights: ['read', 'erase'], endsAt: null }])
    expect(JSON.stringify(tokens)).not.toContain(last)
    expect((await commandsOn(db).run('token', 'list')).printed.join()).toMatch(/^reports: read, erase shop, since /)
  })

  it('add covers all sites and may read, unless it says more, and may have an end', async () => {
    const { run, read } = commandsOn()
    await run('token', 'add', 'all', '--until', '2999-01-31')
    expect((await read()).tokens).toMatchObject([{ sites: null, rights: ['read'], endsAt: Date.UTC(2999, 0, 31) }])
    await run('token', 'end', 'all')
    expect((await run('token', 'list')).printed).toEqual([expect.stringMatching(/^all: read all sites, has ended /)])
  })
})
