import { describe, expect, it, onTestFinished } from 'vitest'
import { serve } from '../src/web/server.js'
import { collectorWith } from './helpers/collector.js'

interface Live {
  /** Asks the collector in the name of a visitor of the demo, whose request has these headers. */
  readonly askFor: (visitor: { headers: object }, url: string) => Promise<{ status: number; text: string }>
}

describe('the demo', () => {
  it('shows no more than the collector would show to the same visitor', async () => {
    const { askFor } = (await import(new URL('../../demo/live.mjs', import.meta.url).href)) as Live
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
