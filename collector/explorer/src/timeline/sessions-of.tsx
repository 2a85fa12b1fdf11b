import type { JSX } from 'preact'
import { hintEnding, toEnding } from '../endings.js'
import { nameBrowser } from '../parts/browser.js'
import { type Column, Table } from '../parts/table.js'
import { cut, Text, toVisible } from '../parts/text.js'
import { Duration, Time } from '../parts/time.js'
import { Link, toAddress } from '../route.js'
import type { Session, Visit } from './model.js'

/** How a session ended, as a badge with what the word means. */
export function Ending({ session }: { readonly session: Pick<Session, 'endDate' | 'endReason'> }): JSX.Element {
  const isOpen = !session.endDate
  return (
    <span class={`badge${isOpen ? ' is-stored' : ''}`} title={hintEnding(session.endReason ?? '')}>
      {toEnding(session.endDate, session.endReason)}
    </span>
  )
}

interface SessionTableProps {
  readonly site: string
  readonly caption: string
  readonly sessions: readonly Session[]
  /** Whether the identity has a column. */
  readonly hasIdentity?: boolean
}

/** Sessions with links to them. */
export function SessionTable({ site, caption, sessions, hasIdentity = false }: SessionTableProps): JSX.Element {
  const columns: readonly Column<Session>[] = [
    {
      title: 'Signed in',
      phone: 'bare',
      cell: ({ sessionID, startDate }) => (
        <Link class="row-link" to={toAddress(site, 'sessions', sessionID)}>
          <Time at={startDate} as="minute" />
        </Link>
      ),
    },
    ...(hasIdentity
      ? [
          {
            title: 'Who',
            isWide: true,
            cell: ({ identityId }: Session) => <Text value={identityId} max={80} isPlain />,
          },
        ]
      : []),
    {
      title: 'Duration',
      phone: 'bare',
      isNumber: true,
      cell: ({ endDate, duration }) => (endDate ? <Duration seconds={duration} /> : '–'),
    },
    { title: 'Ended', phone: 'bare', cell: session => <Ending session={session} /> },
  ]
  return <Table caption={caption} columns={columns} rows={sessions} toKey={({ sessionID }) => sessionID} />
}

/** Visits with links to them. */
export function VisitTable({
  site,
  caption,
  visits,
}: {
  readonly site: string
  readonly caption: string
  readonly visits: readonly Visit[]
}): JSX.Element {
  const columns: readonly Column<Visit>[] = [
    {
      title: 'Began',
      phone: 'bare',
      cell: ({ visitID, startDate }) => (
        <Link class="row-link" to={toAddress(site, 'visits', visitID)}>
          <Time at={startDate} as="minute" />
        </Link>
      ),
    },
    {
      title: 'Length',
      phone: 'bare',
      isNumber: true,
      cell: ({ startDate, endDate }) =>
        endDate ? (
          <Duration seconds={Math.max(0, endDate - startDate) / 1000} />
        ) : (
          <span class="badge is-stored">open</span>
        ),
    },
    {
      title: 'Browser',
      isWide: true,
      cell: ({ userAgent, automated }) => (
        <span class="text" title={toVisible(cut(userAgent, 500))}>
          {automated && <span class="badge">automated</span>}{' '}
          <Text value={nameBrowser(userAgent)} empty="not told" max={90} isPlain />
        </span>
      ),
    },
  ]
  return <Table caption={caption} columns={columns} rows={visits} toKey={({ visitID }) => visitID} />
}
