import type { ComponentChildren, JSX } from 'preact'
import { useMemo } from 'preact/hooks'
import { toSitePath } from '../api.js'
import { useTitle } from '../layout.js'
import { ErrorNote } from '../parts/error.js'
import { Loading } from '../parts/loading.js'
import { cut, Text, toVisible } from '../parts/text.js'
import { Duration, Time } from '../parts/time.js'
import type { ListedSession, ListReply } from '../replies.js'
import { Link, toAddress } from '../route.js'
import type { Session, Visit } from '../timeline/model.js'
import { Resource } from '../timeline/resource.js'
import { Ending, SessionTable, VisitTable } from '../timeline/sessions-of.js'
import { useVisit, type VisitParts } from '../timeline/use-visit.js'
import { VisitTimeline } from '../timeline/visit-timeline.js'
import { useAsk } from '../use-ask.js'

interface SessionProps {
  readonly site: string
  readonly sessionID: string
}

/** One session: who it was, what was done on a timeline, and the resource as programs read it. */
export function SessionPage({ site, sessionID }: SessionProps): JSX.Element {
  const asked = useAsk<Session>(toSitePath(site, ['sessions', sessionID]))
  const session = asked.data ?? null
  const parts = useVisit(site, session?.visitID ?? null, session)
  useTitle(session ? `Session of ${toVisible(cut(session.identityId, 60))}` : 'Session')
  if (asked.error)
    return (
      <>
        <h1>Session</h1>
        <ErrorNote error={asked.error} again={asked.again} />
      </>
    )
  if (!session) return <Loading what="the session" />
  return (
    <>
      <Header site={site} session={session} visit={parts.visit.data} again={asked.again} />
      <VisitTimeline
        site={site}
        label="Timeline of the session"
        parts={parts}
        beside={
          <>
            <Resource site={site} steps={['sessions', sessionID]} lists={['events', 'pages']} />
            <Others site={site} session={session} parts={parts} />
          </>
        }
      />
    </>
  )
}

interface HeaderProps {
  readonly site: string
  readonly session: Session
  readonly visit: Visit | undefined
  readonly again: () => void
}

function Header({ site, session, visit, again }: HeaderProps): JSX.Element {
  const { identityId, startDate, endDate, duration, visitID } = session
  const isComplete = useIsComplete(site, session)
  return (
    <header class="session-head">
      <p class="soft small">Session</p>
      <h1>
        <Link to={toAddress(site, 'identities', identityId)}>
          <Text value={identityId} max={120} isPlain />
        </Link>
      </h1>
      <dl class="fact-row">
        <Fact title="Signed in">
          <Time at={startDate} />
        </Fact>
        <Fact title="Duration">
          {endDate ? (
            <Duration seconds={duration} />
          ) : (
            <button type="button" class="inline" onClick={again}>
              still open, look again
            </button>
          )}
        </Fact>
        <Fact title="How it ended">
          <Ending session={session} />
        </Fact>
        {isComplete !== undefined && (
          <Fact title="Records">
            <span
              class={`badge ${isComplete ? 'is-stored' : 'is-owed'}`}
              title={
                isComplete
                  ? 'All records have arrived that the browser made in this visit.'
                  : 'The browser has made more records in this visit than have arrived. It sends them when it can.'
              }
            >
              {isComplete ? 'complete' : 'some are still owed'}
            </span>
          </Fact>
        )}
        <Fact title="Visit">
          <Link to={toAddress(site, 'visits', visitID)}>
            the whole visit{visit && visit.startDate < startDate ? ', with what came before' : ''}
          </Link>
        </Fact>
        {visit && (
          <Fact title="Browser" isLong>
            {visit.automated && <span class="badge">automated</span>}{' '}
            <Text value={visit.userAgent} empty="not told" max={90} />
          </Fact>
        )}
      </dl>
    </header>
  )
}

interface FactProps {
  readonly title: string
  readonly children: ComponentChildren
  readonly isLong?: boolean
}

/** A name above a value, in a row of them. */
export function Fact({ title, children, isLong = false }: FactProps): JSX.Element {
  return (
    <div {...(isLong && { class: 'is-long' })}>
      <dt>{title}</dt>
      <dd>{children}</dd>
    </div>
  )
}

/** Whether all records of the visit have arrived; `undefined` while it is not known. */
function useIsComplete(site: string, { sessionID, identityId, startDate }: Session): boolean | undefined {
  const query = { identityId, since: startDate, until: startDate, automated: 'include' }
  const asked = useAsk<ListReply<ListedSession>>(toSitePath(site, ['numbers', 'sessions'], query))
  return asked.data?.items?.find(one => one.sessionID === sessionID)?.complete
}

/** Rows of each list of other sessions and visits. */
const mostOthers = 8

function Others({
  site,
  session,
  parts,
}: {
  readonly site: string
  readonly session: Session
  readonly parts: VisitParts
}): JSX.Element {
  const { sessionID, identityId, visitID } = session
  const inVisit = parts.sessions.items.filter(one => one.sessionID !== sessionID)
  const visits = useAsk<ListReply<Visit>>(
    toSitePath(site, ['identities', identityId, 'visits'], { page_size: mostOthers + 1 }),
  )
  const others = useMemo(() => visits.data?.items.filter(one => one.visitID !== visitID) ?? [], [visits.data, visitID])
  return (
    <>
      <section class="panel">
        <h2>Other sessions of this visit</h2>
        {inVisit.length ? (
          <SessionTable
            site={site}
            caption="Other sessions of this visit"
            sessions={inVisit.slice(0, 20)}
            hasIdentity
          />
        ) : (
          <p class="soft">None. Nobody else signed in during this visit, and nobody again.</p>
        )}
        {inVisit.length > 20 && <Link to={toAddress(site, 'visits', visitID)}>All {inVisit.length} of them</Link>}
      </section>
      <section class="panel">
        <h2>Other visits of this identity</h2>
        {visits.error && <ErrorNote error={visits.error} again={visits.again} />}
        {visits.data && !others.length && <p class="soft">None. This is the only visit in which it signed in.</p>}
        {others.length > 0 && (
          <VisitTable site={site} caption="Other visits of this identity" visits={others.slice(0, mostOthers)} />
        )}
        {visits.data?.next && <Link to={toAddress(site, 'identities', identityId)}>All visits of this identity</Link>}
      </section>
    </>
  )
}
