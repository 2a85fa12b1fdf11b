import type { JSX } from 'preact'
import { Text } from '../parts/text.js'
import { formatSpan, Time } from '../parts/time.js'
import { Link, toAddress } from '../route.js'
import { JsonText } from './json.js'
import type { Event, Page } from './model.js'
import type { Picture } from './picture.js'
import type { Selection } from './timeline.js'

interface DetailsProps {
  readonly site: string
  readonly picture: Picture
  readonly selected: Selection | null
  readonly onSelect: (selection: Selection) => void
}

/** What was picked on the timeline: a page, or events. */
export function Details({ site, picture, selected, onSelect }: DetailsProps): JSX.Element {
  const bar = selected?.kind === 'page' ? picture.bars.find(({ page }) => page.pageID === selected.id) : undefined
  const marks =
    selected?.kind === 'events' ? picture.marks.filter(({ event }) => selected.ids.includes(event.eventID)) : []
  const chosen = marks.find(({ event }) => event.eventID === selected?.id) ?? marks[0]
  return (
    <section class="panel" aria-label="Details" aria-live="polite">
      {!bar && !chosen && (
        <>
          <h2>Details</h2>
          <p class="soft">
            Pick a page or an event on the timeline. With the keyboard: arrow keys go through them, Enter picks,{' '}
            <kbd>+</kbd> and <kbd>−</kbd> zoom.
          </p>
        </>
      )}
      {bar && <PageDetails page={bar.page} activeMs={(bar.active.at(-1)?.end ?? bar.start) - bar.start} />}
      {marks.length > 1 && (
        <>
          <h2>{marks.length} events at one place</h2>
          <ol class="here">
            {marks.slice(0, mostHere).map(({ event }) => (
              <li key={event.eventID}>
                <button
                  type="button"
                  aria-pressed={event === chosen?.event}
                  onClick={() => selected && onSelect({ ...selected, id: event.eventID })}
                >
                  <Text value={event.eventName} max={60} isPlain /> <Time at={event.timestamp} as="clock" />
                </button>
              </li>
            ))}
          </ol>
          {marks.length > mostHere && (
            <p class="soft small">The table below has the others. Zoom in to separate them.</p>
          )}
        </>
      )}
      {chosen && <EventDetails site={site} event={chosen.event} pages={picture} isAlone={marks.length === 1} />}
    </section>
  )
}

/** Events of one mark that are listed. */
const mostHere = 100

function PageDetails({ page, activeMs }: { readonly page: Page; readonly activeMs: number }): JSX.Element {
  const { title, url, referrer, startDate, endDate, lastActivity, pageID } = page
  return (
    <>
      <h2>
        <Text value={title || 'A page without a title'} max={120} />
      </h2>
      <dl class="facts">
        <dt>Address</dt>
        <dd>
          <Text value={url} />
        </dd>
        <dt>Came from</dt>
        <dd>
          <Text value={referrer} empty="not told" />
        </dd>
        <dt>Entered</dt>
        <dd>
          <Time at={startDate} />
        </dd>
        <dt>Last active</dt>
        <dd>
          <Time at={lastActivity ?? startDate} />, after {formatSpan(activeMs)}
        </dd>
        <dt>Left</dt>
        <dd>
          {endDate ? (
            <>
              <Time at={endDate} />, after {formatSpan(Math.max(0, endDate - startDate))}
            </>
          ) : (
            <span class="soft">not known: its exit has not arrived</span>
          )}
        </dd>
        <dt>Page ID</dt>
        <dd class="code-text">
          <Text value={pageID} />
        </dd>
      </dl>
    </>
  )
}

interface EventDetailsProps {
  readonly site: string
  readonly event: Event
  readonly pages: Picture
  readonly isAlone: boolean
}

function EventDetails({ site, event, pages, isAlone }: EventDetailsProps): JSX.Element {
  const page = pages.bars.find(({ page }) => page.pageID === event.pageID)?.page
  const band = pages.bands.find(({ session }) => session && session.sessionID === event.sessionID)
  const Title = isAlone ? 'h2' : 'h3'
  return (
    <>
      <Title>
        <Text value={event.eventName} max={120} />
      </Title>
      <dl class="facts">
        <dt>When</dt>
        <dd>
          <Time at={event.timestamp} />
          {event.serverTimestamp !== undefined && (
            <span class="soft"> stored {describeDelay(event.serverTimestamp - event.timestamp)}</span>
          )}
        </dd>
        <dt>Page</dt>
        <dd>
          <Text value={page?.title || event.url} empty="not known" />
        </dd>
        <dt>Who</dt>
        <dd>
          {band?.session && event.sessionID ? (
            <Link to={toAddress(site, 'identities', band.session.identityId)}>
              <Text value={band.session.identityId} max={120} isPlain />
            </Link>
          ) : (
            <span class="soft">{event.sessionID ? 'another session' : 'nobody signed in'}</span>
          )}
        </dd>
        {event.category && (
          <>
            <dt>Category</dt>
            <dd>
              <Text value={event.category} />
            </dd>
          </>
        )}
        <dt>Kind</dt>
        <dd>{event.eventType === 'SYSTEM' ? 'of the tracker' : 'of your pages'}</dd>
        <dt>Event ID</dt>
        <dd class="code-text">
          <Text value={event.eventID} />
        </dd>
      </dl>
      {event.data !== null && event.data !== undefined && <JsonText label="Data of the event" value={event.data} />}
    </>
  )
}

/** How long after an event it was stored. The clocks of two machines differ, so it may seem to be before. */
function describeDelay(ms: number): string {
  if (ms < 0) return 'before, by the clock of the collector'
  return `${formatSpan(ms)} later`
}
