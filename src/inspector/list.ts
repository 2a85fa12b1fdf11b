import type { RecordFate } from '../known.js'
import type { Page } from '../record/page.js'
import { make, plainOf, setText, toShown, toTime } from './dom.js'
import { describeFate } from './words.js'

/** So many records are shown, the newest. */
const maxRows = 100

interface Row {
  readonly element: HTMLElement
  readonly fate: HTMLElement
}

/** Shows records, the newest first. A row stays the same element, so that what is open or has the focus stays so. */
export function createRecordList(): { element: HTMLElement; show(records: readonly RecordFate[]): void } {
  const rows = new Map<string, Row>()
  // The page loads, each of which is a writer, in the order in which they were met.
  const tabs = new Map<string, number>()
  const element = make('ol', { 'aria-label': 'Records, the newest first' })
  const none = make('p', { class: 'none' }, 'No record yet.')

  function makeRow({ event, session }: RecordFate): Row {
    if (!tabs.has(event.writer)) tabs.set(event.writer, tabs.size + 1)
    const fate = make('span', { class: 'fate' })
    const details = [
      event.eventID,
      `page load ${tabs.get(event.writer)}, number ${event.seq}`,
      session ? `signed in: ${toShown(session.identityId)}` : 'nobody was signed in',
      toShown(event.url),
      event.data ? plainOf(JSON.stringify(event.data, null, 1), 4000) : 'no data',
    ]
    const summary = make(
      'summary',
      {},
      make('time', {}, toTime(event.timestamp)),
      make('bdi', { class: 'name' }, toShown(event.eventName)),
      make('span', { class: 'tab', title: 'The page load that made it' }, `#${tabs.get(event.writer)}`),
      fate,
    )
    const item = make('li', { class: 'record' }, make('details', {}, summary, make('pre', {}, details.join('\n'))))
    return { element: item, fate }
  }

  function show(records: readonly RecordFate[]): void {
    const newest = [...records].sort((a, b) => a.event.timestamp - b.event.timestamp).slice(-maxRows)
    const wanted = new Set(newest.map(({ event }) => event.eventID))
    for (const [id, row] of rows)
      if (!wanted.has(id)) {
        row.element.remove()
        rows.delete(id)
      }
    let before: Element | null = null
    for (const record of newest) {
      let row = rows.get(record.event.eventID)
      if (!row) rows.set(record.event.eventID, (row = makeRow(record)))
      const { word, kind } = describeFate(record.fate)
      setText(row.fate, word)
      row.fate.className = `fate ${kind}`
      // A row that stands where it belongs is not moved, because that would take the focus from it.
      if (row.element.parentNode !== element || row.element.nextElementSibling !== before)
        element.insertBefore(row.element, before)
      before = row.element
    }
    none.hidden = newest.length > 0
  }

  none.hidden = false
  return { element: make('div', {}, none, element), show }
}

/** Shows the pages of the open session, the newest first. */
export function createPageList(): { element: HTMLElement; show(pages: readonly Page[]): void } {
  const element = make('ol', { 'aria-label': 'Pages of the session, the newest first' })
  return {
    element,
    show(pages) {
      const rows = [...pages].reverse().slice(0, 20)
      element.replaceChildren(
        ...rows.map(page =>
          make(
            'li',
            { class: 'record' },
            `${toTime(page.startDate)} `,
            make('bdi', {}, toShown(page.title || page.url)),
            page.endDate ? ` · left ${toTime(page.endDate)}` : ' · open',
          ),
        ),
      )
      if (!rows[0]) element.append(make('li', { class: 'none' }, 'No page in a session.'))
    },
  }
}
