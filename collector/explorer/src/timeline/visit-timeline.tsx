import type { JSX } from 'preact'
import { useMemo, useState } from 'preact/hooks'
import { Empty } from '../parts/empty.js'
import { ErrorNote } from '../parts/error.js'
import { formatCount } from '../parts/time.js'
import { changeQuery, useQuery } from '../route.js'
import { Details } from './details.js'
import { EventTable } from './event-table.js'
import type { Picture } from './picture.js'
import { type Selection, Timeline } from './timeline.js'
import type { VisitParts } from './use-visit.js'

interface VisitTimelineProps {
  readonly site: string
  readonly label: string
  readonly parts: VisitParts
  /** What stands beside the details. */
  readonly beside: JSX.Element
}

/** The timeline of a session or visit with its details and its table. The zoom and what is picked are in the address. */
export function VisitTimeline({ site, label, parts, beside }: VisitTimelineProps): JSX.Element {
  const query = useQuery()
  const first = useMemo(() => readFirst(query), [])
  const [selected, setSelected] = useState<Selection | null>(() => readSelection(query))
  const { picture, visit } = parts
  const failed = [parts.sessions, parts.pages, ...parts.eventLists].find(({ error }) => error)
  const error = visit.error ?? failed?.error

  function select(next: Selection | null): void {
    setSelected(next)
    const [event, page] = [next?.kind === 'events' ? next.id : '', next?.kind === 'page' ? next.id : '']
    changeQuery({ event, page }, true)
  }

  const note = error && (
    <ErrorNote
      error={error}
      again={() => {
        if (visit.error) visit.again()
        for (const list of [parts.sessions, parts.pages, ...parts.eventLists]) if (list.error) list.more()
      }}
    />
  )
  if (!picture) return note ?? <Waiting />
  return (
    <>
      {note}
      <PartNote parts={parts} />
      {isEmpty(picture) ? (
        <Empty title="Nothing happened that was recorded." />
      ) : (
        <Timeline
          label={`${label}. Arrow keys go through it, plus and minus zoom, Enter shows details.`}
          picture={picture}
          selected={selected}
          onSelect={select}
          first={first}
          onZoom={(zoom, at) => changeQuery(zoom > 1 ? { zoom: toShort(zoom), at } : { zoom: '', at: '' }, true)}
        />
      )}
      <div class="session-columns">
        <div class="session-column">
          <Details site={site} picture={picture} selected={selected} onSelect={select} />
          <section class="panel events-panel">
            <h2>
              {picture.marks.length === 1 ? '1 event' : `${formatCount(picture.marks.length)} events`},{' '}
              {picture.bars.length === 1 ? '1 page' : `${formatCount(picture.bars.length)} pages`}
            </h2>
            <EventTable picture={picture} hasOthers={picture.marks.some(({ isOwn }) => !isOwn)} onSelect={select} />
          </section>
        </div>
        <div class="session-column">{beside}</div>
      </div>
    </>
  )
}

function isEmpty({ bars, marks, bands }: Picture): boolean {
  return !bars.length && !marks.length && !bands.some(({ session }) => session)
}

/** Says that a part is still on its way, or was not read because there is so much. */
function PartNote({ parts: { eventLists, events } }: { readonly parts: VisitParts }): JSX.Element | null {
  if (eventLists.some(({ isLoading }) => isLoading))
    return (
      <p class="soft" role="status">
        {formatCount(events.length)} events are here, more are on their way…
      </p>
    )
  const cut = eventLists.find(({ isWhole, error }) => !isWhole && !error)
  if (!cut) return null
  return (
    <p class="actions" role="status">
      There are more events than the {formatCount(events.length)} that are shown.
      <button type="button" class="quiet" onClick={cut.more}>
        Read more of them
      </button>
    </p>
  )
}

function Waiting(): JSX.Element {
  return (
    <div class="timeline timeline-waiting" role="status">
      <span class="only-read">Loading the timeline</span>
      {[0, 1, 2].map(line => (
        <span key={line} class="loading-line" aria-hidden="true" />
      ))}
    </div>
  )
}

function readFirst(query: URLSearchParams): { zoom: number; at: number | null } {
  const zoom = Number(query.get('zoom') ?? 1)
  const at = Number(query.get('at') ?? '')
  return { zoom: zoom >= 1 ? zoom : 1, at: at > 0 ? at : null }
}

function readSelection(query: URLSearchParams): Selection | null {
  const [event, page] = [query.get('event'), query.get('page')]
  if (event) return { kind: 'events', id: event, ids: [event] }
  return page ? { kind: 'page', id: page, ids: [page] } : null
}

function toShort(zoom: number): number {
  return Math.round(zoom * 100) / 100
}
