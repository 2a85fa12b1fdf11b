import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type AdminState, nothingDecided } from '../../src/sites/admin.js'
import { createRegistry } from '../../src/sites/registry.js'
import { toDigest } from '../../src/sites/tokens.js'
import { operations } from '../helpers/api.js'
import { anyWire } from '../helpers/arrivals.js'
import { collectorWith, noon } from '../helpers/collector.js'
import { isLong } from '../helpers/long.js'
import { digestAll } from '../helpers/numbers.js'
import { stores } from '../helpers/stores.js'

// Two collectors get the same records for the site `shop`. One of them has a site `blog` too. There, people send, erase and remove
// records with the same ids. A reader of `shop` must get the same replies from both collectors.

/** What was decided. The token `reader` covers `shop` alone, and the other one covers what there is. */
function decide(names: readonly string[]): AdminState {
  const site = (name: string) => ({ name, createdAt: 0, endsAt: null, keepMs: null, quota: null })
  const token = (name: string, sites: readonly string[]) => ({
    name,
    digest: toDigest(name),
    sites,
    createdAt: 0,
    endsAt: null,
  })
  return {
    ...nothingDecided,
    sites: names.map(site),
    keys: names.map(name => ({ key: `of-${name}`, site: name, createdAt: 0, endsAt: null })),
    tokens: [
      { ...token('reader', ['shop']), rights: ['read', 'export', 'erase'] },
      { ...token('others', names), rights: ['read', 'export', 'erase'] },
    ],
  }
}

const ids = ['a', 'b', 'c']
const values: Readonly<Record<string, readonly string[]>> = {
  site: ['shop'],
  sessionID: ids,
  visitID: ids,
  pageID: ids,
  identityId: ids,
}
const queries = ['', 'age=9999999999&page_size=2', 'automated=include&order=asc&page_size=1', 'include_sessions=true']
const needed: Readonly<Record<string, string>> = {
  ranking: 'of=pages&since=0&limit=9',
  properties: 'eventName=Search&since=0',
  values: 'eventName=Search&property=name&since=0',
  funnel: 'step=event:Search&step=page:x&since=0',
  days: 'since=0&until=9007199254740991',
}

/** Every address below which a reader of `shop` finds something of it. */
const addresses = operations
  .filter(({ method, path }) => method === 'get' && /^\/(v1|backend)\//.test(path) && !path.endsWith('/stream'))
  .flatMap(({ path }) =>
    path.split('/').reduce<string[]>(
      (found, step) => {
        const name = /^{(.*)}$/.exec(step)?.[1]
        const steps = name === undefined ? [step] : (values[name] ?? [])
        return found.flatMap(before => steps.map(one => (before || step ? `${before}/${one}` : '')))
      },
      [''],
    ),
  )
  .flatMap(path => {
    const own = needed[path.split('/').at(-1) ?? '']
    return own ? [`${path}?${own}`] : queries.map(query => `${path}?${query}`)
  })

function collectorOf(store: Awaited<ReturnType<(typeof stores)[number][1]>>, names: readonly string[]) {
  const registry = createRegistry({ keys: [], origins: [], readToken: null, isLoopback: true, now: () => noon })
  registry.use(decide(names))
  const { app, send } = collectorWith({ store, sites: registry })
  const ask = async (path: string, token: string, method = 'GET') => {
    const init = { method, headers: { Authorization: `Bearer ${token}` } }
    return app.fetch(new Request(`http://localhost${path}`, init))
  }
  return { send, ask }
}

/** Tables that are distributed have the same queries, so only the long form takes them. */
const tried = stores.filter(([name]) => isLong || !name.endsWith('distributed'))

describe.each(tried)('a reader of a site, on %s,', (_, open) => {
  it('cannot tell whether there is another site, whatever is sent, erased and removed there', async () => {
    const step = fc.record({
      site: fc.constantFrom('shop', 'blog', 'blog'),
      body: anyWire,
      what: fc.constantFrom('nothing', 'count', 'count', 'erase', 'remove'),
      id: fc.constantFrom(...ids),
    })
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 4, maxLength: 12 }), async steps => {
        const [alone, beside] = [await open(), await open()]
        const [one, two] = [collectorOf(alone, ['shop']), collectorOf(beside, ['shop', 'blog'])]
        for (const { site, body, what, id } of steps)
          for (const [{ send, ask }, store] of [
            [one, alone],
            [two, beside],
          ] as const) {
            if (store === alone && site === 'blog') continue
            await send(body, { key: `of-${site}` })
            if (what === 'erase') await ask(`/v1/sites/${site}/identities/${id}`, 'others', 'DELETE')
            if (what === 'remove' && site === 'blog') await store.rights.removeOld(site, noon + 1, null)
            if (what === 'count') await store.digest()
          }
        for (const store of [alone, beside]) await digestAll(store, ['shop', 'blog'])
        for (const address of addresses) {
          const [own, other] = await Promise.all(
            [one, two].map(async ({ ask }) => {
              const reply = await ask(address, 'reader')
              return [address, reply.status, Object.fromEntries(reply.headers), await reply.text()]
            }),
          )
          expect(other).toEqual(own)
        }
        for (const id of ids) {
          const [own, other] = await Promise.all(
            [one, two].map(async ({ ask }) => (await ask(`/v1/identities/${id}`, 'reader', 'DELETE')).text()),
          )
          expect(other).toEqual(own)
        }
        await Promise.all([alone.close(), beside.close()])
      }),
      { numRuns: isLong ? 5 : 1 },
    )
  })
})
