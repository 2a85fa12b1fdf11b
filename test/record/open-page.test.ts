import { describe, expect, it } from 'vitest'
import { makeBatch } from '../../src/record/batch.js'
import { idleLimitMs } from '../../src/record/limits.js'
import { foldBy, joinPage } from '../../src/record/merge.js'
import { toLeft } from '../../src/record/open-page.js'
import { type Page, pageOf } from '../../src/record/page.js'
import { parseBatch } from '../../src/record/parse.js'
import { start } from '../helpers/clock.js'
import { factsOf, type Tab, tabWith } from '../helpers/tab.js'

const pagesOf = (tab: Tab): Page[] => foldBy(tab.facts().map(pageOf), one => one.pageID, joinPage)

describe('a corrected page', () => {
  it('is told by its later records and its exit, and the last correction holds', () => {
    const tab = tabWith().page(0).view(100, 'Loading').view(200, 'Inbox', '/inbox').track(300, 'Search').exit(400)
    expect(tab.said()).toEqual(['VisitStarted +0', 'PageEntered +0', 'Search +300', 'PageExited +400'])
    expect(tab.facts().map(({ page }) => page?.title)).toEqual([undefined, 'A shop', 'Inbox', 'Inbox'])
    expect(pagesOf(tab)).toMatchObject([{ url: '/inbox', title: 'Inbox', viewedAt: start + 200 }])
  })

  it('is told by its orphan exit', () => {
    const tab = tabWith().page(0).view(100, 'Inbox')
    expect(factsOf(tab.writer.orphanExit() as never)[0]?.page).toMatchObject({ title: 'Inbox', viewedAt: start + 100 })
  })

  it('says which of two corrections in one millisecond is the later one, and of two when the clock was set back', () => {
    const tab = tabWith().page(0).view(100, 'Z').view(100, 'A').view(50, 'M').exit(200)
    expect(pagesOf(tab)).toMatchObject([{ title: 'M', viewedAt: start + 102 }])
  })

  it('that is corrected to what it is already is not corrected', () => {
    const tab = tabWith().page(0).view(100, 'A shop').exit(200)
    expect(pagesOf(tab)[0]).not.toHaveProperty('viewedAt')
  })

  it('shows no activity: it keeps no visit open, begins none, and ends none', () => {
    const tab = tabWith().page(0).view(1000, 'Inbox')
    expect(tab.writer.openState().active).toBe(start)
    tab.view(idleLimitMs + 1, 'Idle')
    expect(tab.said()).toEqual(['VisitStarted +0', 'PageEntered +0'])
    expect(tabWith().view(0, 'Inbox').said()).toEqual([])
  })

  it('that was interrupted by the end of its visit is entered anew with its last title', () => {
    const tab = tabWith()
      .page(0)
      .look(idleLimitMs)
      .view(idleLimitMs + 1, 'Inbox')
      .track(idleLimitMs + 2, 'Search')
    expect(pagesOf(tab).map(({ title }) => title)).toEqual(['A shop', 'Inbox'])
  })

  it('reaches the collector with any of its records, also with those that were made before', () => {
    const tab = tabWith().page(0).signIn(1, 'anna').track(2, 'Search')
    const before = [...tab.kept]
    tab.view(100, 'Inbox')
    const { pages, facts } = parseBatch(makeBatch(before, start, [], tab.writer.page()))
    expect(
      foldBy(
        pages.map(({ page }) => page),
        one => one.pageID,
        joinPage,
      ),
    ).toMatchObject([{ title: 'Inbox' }])
    expect(facts).toHaveLength(before.length)
    // A batch without records of the page says nothing of it.
    const other = tabWith().track(0, 'Search')
    expect(parseBatch(makeBatch(other.kept, start, [], tab.writer.page())).pages).toEqual([])
  })
})

it('a page that goes on after a stop has the title that it got meanwhile', () => {
  const first = tabWith().page(0).track(1, 'Before')
  const left = toLeft(first.writer.page(), first.writer.openState().visit)
  const second = tabWith({ inherited: () => left }).adopt(first.writer.openState())
  const view = { url: 'https://shop.example/', title: 'Assam', referrer: '', category: '' }
  second.writer.bind({ verb: 'page', view, goesOn: true, id: second.writer.nextId(), at: start + 5, data: '' })
  second.track(6, 'After')
  expect(second.said().map(line => line.split(' ')[0])).toEqual(['After'])
  const page = second.facts().at(-1)?.page
  expect([page?.title, page?.pageID]).toEqual(['Assam', left?.page.pageID])
})
