import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { findEvents, label } from '../bench/peers/backend.mjs'
import { toPicture } from '../bench/peers/picture.mjs'
import { putTables } from '../bench/peers/tables.mjs'

const read = (path: string): string => readFileSync(new URL(`../${path}`, import.meta.url), 'utf8')
const results = () => JSON.parse(read('bench/peers/results.json'))

describe('the comparison with other trackers', () => {
  it.each(['docs/peers.md', 'README.md'])('has the tables of bench/peers/results.json in %s', file => {
    expect(read(file), 'run: npm run bench:peers -- --publish').toBe(putTables(read(file), results()))
    expect(read(file)).toContain('<!-- peers: ')
  })

  it('draws its picture from the same results, with every bar from zero', () => {
    expect(read('docs/pictures/peers.svg')).toBe(toPicture(results()))
    const starts = [...read('docs/pictures/peers.svg').matchAll(/<rect x="(\d+)" y/g)].map(([, x]) => x)
    expect([starts.length, new Set(starts).size]).toEqual([results().trackers.length * 4, 1])
  })

  it('measures the versions that its package names exactly', () => {
    const { dependencies } = JSON.parse(read('bench/peers/package.json'))
    const measured = results().trackers.filter((one: any) => one.package)
    expect(Object.fromEntries(measured.map((one: any) => [one.package, one.version]))).toEqual(dependencies)
  })

  it('finds an event with its id in the body of each protocol', () => {
    const data = { n: '7', label, price: 1 }
    const texts = [
      { event: 'AddToCart', properties: data, messageId: 'id' },
      { batch: [{ event: 'AddToCart', properties: data, messageId: 'id' }] },
      { data: [{ e: 'ue', eid: 'id', ue_pr: JSON.stringify({ data: { schema: 's', data } }) }] },
      { events: [{ event_type: 'AddToCart', event_properties: data, insert_id: 'id' }] },
      [{ event: 'AddToCart', properties: { ...data, $insert_id: 'id' } }],
      [{ uuid: 'id', event: 'AddToCart', properties: data }],
      { sessions: [{ sessionID: 's', events: [{ eventID: 'id', data }] }] },
    ].map(body => JSON.stringify(body))
    for (const text of texts) expect(findEvents(text)).toEqual([{ n: 7, id: 'id' }])
    expect(findEvents(JSON.stringify({ n: 'AddToCart', p: data }))).toEqual([{ n: 7, id: undefined }])
    expect(findEvents('not JSON')).toEqual([])
  })
})
