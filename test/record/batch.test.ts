import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import packageJson from '../../package.json' with { type: 'json' }
import { libVersion, makeBatch, parseAnswer } from '../../src/record/batch.js'
import type { Fact } from '../../src/record/event.js'
import { maxBatchNotes, maxBatchRecords, maxBodyRows } from '../../src/record/limits.js'
import { foldBy, joinSession } from '../../src/record/merge.js'
import type { Run } from '../../src/record/parcel.js'
import { mergeRuns, toRuns } from '../../src/record/parcel.js'
import { parseBatch } from '../../src/record/parse.js'
import { sessionOf } from '../../src/record/session.js'
import { records } from '../helpers/arbitrary.js'
import { start } from '../helpers/clock.js'
import { parcelWith } from '../helpers/parcels.js'
import { factsOf, recordsWith, tabWith } from '../helpers/tab.js'

const byID = (facts: readonly Fact[]): Fact[] => [...facts].sort((a, b) => (a.event.eventID < b.event.eventID ? -1 : 1))

/** Fills in the url that a reader takes from the page. */
function withUrl({ event, ...fact }: Fact): Fact {
  return { event: { ...event, url: event.url || (fact.page?.url ?? '') }, ...fact }
}

describe('a batch', () => {
  it('gives the collector exactly the facts that were recorded', () => {
    fc.assert(
      fc.property(records, records => {
        const batch = parseBatch(makeBatch(records, start))
        expect(batch.refused).toEqual([])
        expect(byID(batch.facts.map(withUrl))).toEqual(byID(records.flatMap(factsOf)))
      }),
      { numRuns: 300 },
    )
  })

  it('gives the same facts from runs of many records as from a run for each', () => {
    fc.assert(
      fc.property(records, singles => {
        expect(makeBatch(mergeRuns(singles), start)).toBe(makeBatch(singles, start))
      }),
    )
  })

  it('gives the same facts in any split', () => {
    fc.assert(
      fc.property(records, fc.nat(40), (records, at) => {
        const parts = [records.slice(at), records.slice(0, at)].flatMap(part =>
          parseBatch(makeBatch(part, start)).facts.map(withUrl),
        )
        expect(byID(parts)).toEqual(byID(records.flatMap(factsOf)))
      }),
      { numRuns: 200 },
    )
  })

  it('states the ends that its records tell, and the duration that follows', () => {
    fc.assert(
      fc.property(records, records => {
        const folded = foldBy(records.flatMap(factsOf).map(sessionOf), one => one.sessionID, joinSession)
        for (const said of parseBatch(makeBatch(records, start)).sessions) {
          const { endDate, duration } = folded.find(one => one.sessionID === said.sessionID) ?? {}
          expect(said).toMatchObject({ endDate, duration })
        }
      }),
    )
  })

  it('counts what each writer has written, up to the greatest count in it', () => {
    const [first, second] = [tabWith().track(0, 'A').track(1, 'B'), tabWith()]
    second.adopt(first.writer.openState()).track(2, 'C')
    const batch = parseBatch(makeBatch([...first.kept.slice(1), ...second.kept], start))
    expect(batch.counts).toEqual([
      { visitID: first.events()[0]?.visitID, writer: first.events()[0]?.writer, written: 3, dropped: 0 },
      { visitID: first.events()[0]?.visitID, writer: second.events()[0]?.writer, written: 1, dropped: 0 },
    ])
  })

  it('counts what a writer has written in any order of its records', () => {
    const tab = tabWith().track(0, 'A').track(1, 'B')
    const { counts } = parseBatch(makeBatch([...tab.kept].reverse(), start))
    expect(counts.map(({ written }) => written)).toEqual([3])
  })

  it('of our tracker has fewer rows than a request may cause, however its records lie', () => {
    const page = { pageID: 'page', sessionID: null, url: '', title: '', referrer: '', category: '', startDate: start }
    const single = (): Run => {
      const [visit, session, , ...more] = toRuns(parcelWith(1).text)[0] as Run
      return [visit, session, JSON.stringify(page), ...more]
    }
    const runs = Array.from({ length: maxBatchRecords }, single)
    const drops = Array.from({ length: maxBatchNotes }, single).map(([visit, , , writer]) => ({
      visit,
      writer,
      count: 1,
    }))
    const batch = JSON.parse(makeBatch(runs, start, drops, { ...page, title: 'corrected', viewedAt: start }))
    const rowsOf = ({ pages, events, written = {}, dropped = {} }: Record<string, object>): number =>
      [pages, events, written, dropped].reduce((sum, some) => sum + Object.keys(some ?? {}).length, 1)
    const rows = [...batch.visits, ...batch.sessions].reduce((sum, one) => sum + rowsOf(one), 0)
    // An event, a visit, a session, two copies of a page and a writer each; a visit and a writer for each note.
    expect(rows).toBe(6 * maxBatchRecords + 2 * maxBatchNotes)
    expect(rows).toBeLessThan(maxBodyRows)
  })

  it('tells what was dropped, also of a visit of which nothing else is sent', () => {
    const [record, lost] = [...recordsWith(1), ...recordsWith(1)] as [Run, Run]
    const drops = [record, lost].map(([visit, , , writer], place) => ({ visit, writer, count: place + 1 }))
    const { counts } = parseBatch(makeBatch([record], start, drops))
    expect(counts.map(({ dropped }) => dropped)).toEqual([1, 2])
    expect(counts.map(({ written }) => written)).toEqual([record[4], 0])
  })

  it('names a page once, however many records speak of it', () => {
    const tab = tabWith().signIn(0, 'anna').page(0).track(1, 'A').track(2, 'B')
    expect(JSON.parse(makeBatch(tab.kept, start)).sessions[0].pages).toHaveLength(1)
  })

  it('is the session resource of GWE: closed, with its duration', () => {
    const tab = tabWith().signIn(0, 'user@genesyslab.com').signOut(454)
    const [session] = JSON.parse(makeBatch(tab.kept, start)).sessions
    expect(session).toMatchObject({
      identityId: 'user@genesyslab.com',
      startDate: start,
      endDate: start + 454,
      duration: 0,
    })
    expect(session.events.map((event: { eventName: string }) => event.eventName)).toEqual(['SignIn', 'SignOut'])
  })

  it('has the proof beside the identity, and is the same to the letter without one', () => {
    const proven = tabWith().signIn(0, 'anna', '', 'a.b_c-d').kept
    const plain = proven.map(run => run.map(text => `${text}`.replace(',"proof":"a.b_c-d"', '')) as unknown as Run)
    const [without, withProof] = [plain, proven].map(runs => JSON.parse(makeBatch(runs, start)))
    expect(withProof.sessions[0]).toEqual({ ...without.sessions[0], proof: 'a.b_c-d' })
    expect({ ...withProof, sessions: [] }).toEqual({ ...without, sessions: [] })
  })

  it('tells a session once, with the newest proof that its records or the open session have', () => {
    const tab = tabWith().signIn(0, 'anna').signIn(1, 'anna', '', 'old').track(2, 'A').signIn(3, 'anna', '', 'new')
    const proofs = (...args: Parameters<typeof makeBatch>): unknown[] =>
      JSON.parse(makeBatch(...args)).sessions.map(({ proof }: { proof?: string }) => proof)
    const { session } = tab.writer.openState()
    expect(proofs(tab.kept, start)).toEqual(['old'])
    expect(proofs(tab.kept, start, [], null, session)).toEqual(['new'])
    expect(proofs(tab.kept.slice(0, 2), start, [], null, session)).toEqual(['new'])
    const other = tabWith().signIn(0, 'bert', '', 'other').writer.openState().session
    expect(proofs(tab.kept, start, [], null, other)).toEqual(['old'])
  })

  it('takes no proof from within a value', () => {
    const identityId = 'x","proof":"forged'
    const [session] = JSON.parse(makeBatch(tabWith().signIn(0, identityId).kept, start)).sessions
    expect(session).toMatchObject({ identityId })
    expect(session).not.toHaveProperty('proof')
  })

  it('says what made it and when', () => {
    expect(JSON.parse(makeBatch([], start))).toEqual({
      v: 1,
      sentAt: start,
      lib: `sojourn/${libVersion}`,
      visits: [],
      sessions: [],
    })
    expect(libVersion).toBe(packageJson.version)
  })
})

describe('an answer', () => {
  it('names what is stored, refused and gone', () => {
    const text = '{"v":1,"now":5,"stored":["a"],"refused":[["b","too-large"]],"gone":["c"],"limits":{}}'
    expect(parseAnswer(text)).toEqual({ stored: ['a'], refused: [['b', 'too-large']], gone: ['c'] })
  })

  it('may leave out empty lists', () => {
    expect(parseAnswer('{"v":1,"stored":[]}')).toEqual({ stored: [], refused: [], gone: [] })
  })

  it.each([
    ['an empty body', ''],
    ['a captive portal’s page', '<!doctype html><title>Welcome</title>'],
    ['JSON of something else', '{"ok":true}'],
    ['null', 'null'],
    ['a list', '["a"]'],
    ['a number', '1'],
    ['an unknown version', '{"v":2,"stored":["a"]}'],
    ['a version as text', '{"v":"1","stored":["a"]}'],
    ['no list of what is stored', '{"v":1}'],
    ['a wrong list of what is stored', '{"v":1,"stored":"a"}'],
    ['a wrong list of what is refused', '{"v":1,"stored":[],"refused":{"a":"b"}}'],
    ['a refusal that is no list', '{"v":1,"stored":["a"],"refused":[null]}'],
    ['half an answer', '{"v":1,"stored":["a"'],
  ])('is not read from %s', (_what, text) => {
    expect(parseAnswer(text)).toBeNull()
  })
})
