import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { describe, expect, it, onTestFinished } from 'vitest'
import { serve } from '../src/web/server.js'
import { collectorWith, noon } from './helpers/collector.js'

interface Live {
  /** Asks the collector in the name of a visitor of the demo, whose request has these headers. */
  readonly askFor: (visitor: { headers: object }, url: string) => Promise<{ status: number; text: string }>
}

interface Elsewhere {
  readonly showElsewhere: (collector: { address: string; state: { runs: boolean } }) => Promise<string>
}

interface Visit {
  readonly made: Map<string, number>
  readonly again: number
}
interface Sent {
  readonly visits: readonly object[]
  readonly visitRecords: ReadonlyMap<string, readonly { eventID: string; writer: string }[]>
}
interface Ledgers {
  readonly createLedger: () => {
    visitOf(visitID: string): Visit
    hearBatch(batch: Sent): void
    hearAnswer(
      batch: Sent,
      answer: { stored: string[]; refused: [string, string][]; gone: string[] },
      isHeard: boolean,
    ): void
  }
  readonly countVisit: (visit: Visit) => { made: number; stored: number; owed: number; dropped: number }
}

interface Seed {
  readonly sendSeed: (how: {
    days: number
    seed: number
    collector: string
    shop: string
    now: number
  }) => Promise<string>
}

async function load<T>(file: string): Promise<T> {
  return (await import(new URL(`../../demo/${file}`, import.meta.url).href)) as T
}

describe('the demo', () => {
  it('shows no more than the collector would show to the same visitor', async () => {
    const { askFor } = await load<Live>('live.mjs')
    const { url, stop } = await serve(collectorWith().app, { host: '127.0.0.1', port: 0 })
    onTestFinished(stop)
    const read = async (headers: object) => {
      const { status, text } = await askFor({ headers }, `${url}/v1/identities`)
      return [status, (JSON.parse(text) as { error?: string }).error]
    }
    const host = 'localhost:4317'
    expect(await read({ host })).toEqual([200, undefined])
    expect(await read({ host: 'evil.example' })).toEqual([403, 'unknown-host'])
    for (const name of ['forwarded', 'x-forwarded-for', 'x-forwarded-host', 'x-real-ip', 'via'])
      expect([name, ...(await read({ host, [name]: '192.0.2.7' }))]).toEqual([name, 403, 'forwarded'])
  })
})

describe('the links of the demo', () => {
  const collectorThatServes = async (...paths: string[]) => {
    const server = createServer(
      ({ url = '' }, response) => void response.writeHead(paths.includes(url) ? 200 : 404).end(),
    )
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    onTestFinished(() => void server.close())
    return { address: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, state: { runs: true } }
  }

  it('lead only to what the collector serves', async () => {
    const { showElsewhere } = await load<Elsewhere>('elsewhere.mjs')
    expect(await showElsewhere(await collectorThatServes())).toBe('')
    const explorer = await showElsewhere(await collectorThatServes('/explore/default/now'))
    expect(explorer).toContain('/explore/default/now"')
    expect(explorer).not.toContain('id="inspect"')
    expect(await showElsewhere(await collectorThatServes('/inspector.js'))).toContain('id="inspect"')
  })

  it('stay while the collector is down', async () => {
    const { showElsewhere } = await load<Elsewhere>('elsewhere.mjs')
    const collector = await collectorThatServes('/explore/default/now')
    const links = await showElsewhere(collector)
    expect(await showElsewhere({ ...collector, state: { runs: false } })).toBe(links)
  })
})

describe('the ledger of the demo', () => {
  const batch = (written: number, ...seqs: number[]): Sent => ({
    visits: [{ visitID: 'v', written: { w: written } }],
    visitRecords: new Map([['v', seqs.map(seq => ({ eventID: `e${seq}`, writer: 'w' }))]]),
  })
  const named = (...seqs: number[]) => ({
    stored: seqs.map(seq => `e${seq}`),
    refused: [] as [string, string][],
    gone: [],
  })

  it('keeps a record owed that never arrives, so that a loss would be seen', async () => {
    const { createLedger, countVisit } = await load<Ledgers>('ledger.mjs')
    const ledger = createLedger()
    ledger.hearBatch(batch(3, 1, 3))
    ledger.hearAnswer(batch(3, 1, 3), named(1, 3), true)
    expect(countVisit(ledger.visitOf('v'))).toEqual({ made: 3, stored: 2, owed: 1, dropped: 0 })
  })

  it('counts a record once that arrives again, and owes it until an answer was heard', async () => {
    const { createLedger, countVisit } = await load<Ledgers>('ledger.mjs')
    const ledger = createLedger()
    for (const isHeard of [false, false]) {
      ledger.hearBatch(batch(2, 1, 2))
      ledger.hearAnswer(batch(2, 1, 2), named(1, 2), isHeard)
    }
    expect(countVisit(ledger.visitOf('v'))).toEqual({ made: 2, stored: 0, owed: 2, dropped: 0 })
    ledger.hearAnswer(batch(2, 1, 2), named(1, 2), true)
    expect(countVisit(ledger.visitOf('v'))).toEqual({ made: 2, stored: 2, owed: 0, dropped: 0 })
    expect(ledger.visitOf('v').again).toBe(4)
  })

  it('counts as dropped what is refused, and what the browser says that it has dropped', async () => {
    const { createLedger, countVisit } = await load<Ledgers>('ledger.mjs')
    const ledger = createLedger()
    const sent = { ...batch(4, 1, 2), visits: [{ visitID: 'v', written: { w: 4 }, dropped: { w: 1 } }] }
    ledger.hearBatch(sent)
    ledger.hearAnswer(sent, { stored: ['e1'], refused: [['e2', 'too-large']], gone: [] }, true)
    expect(countVisit(ledger.visitOf('v'))).toEqual({ made: 4, stored: 1, owed: 1, dropped: 2 })
  })
})

describe('the seed of the demo', () => {
  it('sends what the collector takes, and sending it again changes nothing', async () => {
    const { sendSeed } = await load<Seed>('seed/send.mjs')
    const { url, stop } = await serve(collectorWith().app, { host: '127.0.0.1', port: 0 })
    onTestFinished(stop)
    const ids = async () => {
      const { items } = (await (await fetch(`${url}/v1/visits?automated=include`)).json()) as {
        items: { visitID: string }[]
      }
      return items.map(({ visitID }) => visitID)
    }
    const how = { days: 2, seed: 5, collector: url, shop: 'http://shop.example', now: noon }
    expect(await sendSeed(how)).toMatch(/^Filled 2 days: [\d,]+ visits/)
    const first = await ids()
    expect(first.length).toBeGreaterThan(20)
    await sendSeed(how)
    expect(await ids()).toEqual(first)
  })
})
