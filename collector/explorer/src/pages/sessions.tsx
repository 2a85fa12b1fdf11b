import type { JSX } from 'preact'
import { toSitePath } from '../api.js'
import { nameEnding } from '../endings.js'
import { useTitle } from '../layout.js'
import { Empty } from '../parts/empty.js'
import { Answer } from '../parts/loading.js'
import { Pager } from '../parts/pager.js'
import { type Column, Table } from '../parts/table.js'
import { Text, toShortAddress } from '../parts/text.js'
import { Duration, formatCount, formatTime, Time } from '../parts/time.js'
import type { ListedSession, ListReply } from '../replies.js'
import { changeQuery, Link, toAddress, useQuery } from '../route.js'
import { FilterForm } from '../sessions/filter-form.js'
import {
  readFilters,
  readPosition,
  readSort,
  toFirst,
  toListParameters,
  toNext,
  toPrevious,
} from '../sessions/filters.js'
import { SaveList } from '../sessions/save-list.js'
import { useAsk } from '../use-ask.js'

/** The list of sessions: filters, order and place in the list are in the address. */
export function SessionsPage({ site }: { readonly site: string }): JSX.Element {
  useTitle('Sessions')
  const query = useQuery()
  const filters = readFilters(query)
  const position = readPosition(query)
  const asked = useAsk<ListReply<ListedSession>>(toSitePath(site, ['numbers', 'sessions'], toListParameters(query)))
  const hasFilters = Object.keys(filters).length > 0
  return (
    <>
      <div class="page-head">
        <h1>Sessions</h1>
        <SaveList site={site} query={query} />
      </div>
      <FilterForm filters={filters} />
      <div class="panel list-panel">
        <Answer asked={asked} what="sessions" lines={14}>
          {({ items, next }) => (
            <>
              {items.length === 0 && next === null && <NoSessions site={site} hasFilters={hasFilters} />}
              {items.length === 0 && next !== null && (
                <Empty title="None on this page">
                  <p>A request looks at a part of the list. The next page may have some.</p>
                </Empty>
              )}
              {items.length > 0 && (
                <Table
                  caption="Sessions"
                  columns={toColumns(site)}
                  rows={items}
                  toKey={({ sessionID, visitID }) => `${visitID} ${sessionID}`}
                  sort={readSort(query)}
                  onSort={({ by, isDescending }) =>
                    changeQuery({ sort: by, order: isDescending ? null : 'asc', ...toFirst })
                  }
                  isLoading={asked.isLoading}
                />
              )}
              <Pager
                page={position.page}
                first={position.trail.length > 0 ? toFirst : null}
                previous={toPrevious(position)}
                next={next === null ? null : toNext(position, next)}
              />
            </>
          )}
        </Answer>
      </div>
    </>
  )
}

function NoSessions({ site, hasFilters }: { readonly site: string; readonly hasFilters: boolean }): JSX.Element {
  if (hasFilters)
    return (
      <Empty title="No session matches">
        <p>Remove a filter, or choose a longer time.</p>
      </Empty>
    )
  return (
    <Empty title="No sessions yet">
      <p>
        A session begins when a person signs in on a page with the tracker.{' '}
        <Link to={toAddress(site, 'setup')}>Check the set-up</Link>
      </p>
      <p>
        Those of automated browsers are left out.{' '}
        <Link to={toAddress(site, 'sessions', '', { automated: 'include' })}>Show them too</Link>
      </p>
    </Empty>
  )
}

function toColumns(site: string): Column<ListedSession>[] {
  return [
    {
      title: 'Started',
      sort: 'start',
      phone: 'bare',
      cell: ({ sessionID, startDate }) => (
        <Link class="row-link" to={toAddress(site, 'sessions', sessionID)}>
          <Time at={startDate} as="minute" />
        </Link>
      ),
    },
    {
      title: 'Identity',
      phone: 'line',
      cell: ({ identityId }) => (
        <Link class="identity-link" to={toAddress(site, 'identities', identityId)}>
          <Text value={identityId} max={40} isPlain />
        </Link>
      ),
    },
    { title: 'State', phone: 'bare', cell: session => <State session={session} /> },
    { title: 'Duration', sort: 'duration', isNumber: true, cell: ({ duration }) => <Duration seconds={duration} /> },
    { title: 'Pages', sort: 'pages', isNumber: true, cell: ({ pages }) => formatCount(pages) },
    { title: 'Events', sort: 'events', isNumber: true, cell: ({ events }) => formatCount(events) },
    {
      title: 'Last activity',
      sort: 'lastActivity',
      phone: 'none',
      cell: ({ startDate, lastActivity }) => (
        <Time
          at={lastActivity}
          as={formatTime(startDate).startsWith(formatTime(lastActivity).slice(0, 10)) ? 'clock' : 'minute'}
        />
      ),
    },
    { title: 'From and to', isWide: true, phone: 'line', cell: session => <Way session={session} /> },
  ]
}

function State({
  session: { open, endReason, complete, automated },
}: {
  readonly session: ListedSession
}): JSX.Element {
  return (
    <span class="badges">
      <span class={`badge${open ? ' is-stored' : ''}`}>
        {open || endReason === null ? 'open' : <Text value={nameEnding(endReason)} max={24} empty="idle" isPlain />}
      </span>
      {!complete && (
        <span class="badge is-owed" title="The browser has made records in this visit that have not arrived yet.">
          records owed
        </span>
      )}
      {automated && <span class="badge">automated</span>}
    </span>
  )
}

/** The first and the last page, without the site if both are of the same one. */
function Way({ session: { entry, exit } }: { readonly session: ListedSession }): JSX.Element {
  const from = toShortAddress(entry)
  const to = toShortAddress(exit)
  return (
    <span class="text way">
      <Text value={from} max={120} isPlain />
      {exit !== entry && (
        <>
          {' → '}
          <Text value={to} max={120} isPlain />
        </>
      )}
    </span>
  )
}
