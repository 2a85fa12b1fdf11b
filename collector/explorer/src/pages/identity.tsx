import type { JSX } from 'preact'
import { useMemo, useState } from 'preact/hooks'
import { toSitePath } from '../api.js'
import { useTitle } from '../layout.js'
import { Empty } from '../parts/empty.js'
import { ErrorNote } from '../parts/error.js'
import { Loading } from '../parts/loading.js'
import { cut, Text, toVisible } from '../parts/text.js'
import { formatCount, formatDuration, Time } from '../parts/time.js'
import { Link, toAddress } from '../route.js'
import type { Session, Visit } from '../timeline/model.js'
import { Resource } from '../timeline/resource.js'
import { SessionTable, VisitTable } from '../timeline/sessions-of.js'
import { VisitsPicture } from '../timeline/visits-picture.js'
import { useAsk } from '../use-ask.js'
import { type Listed, useList } from '../use-list.js'
import { ErasedNote, type ErasedReply, PersonRights } from './person-rights.js'
import { Fact } from './session.js'

interface IdentityProps {
  readonly site: string
  readonly identityId: string
  /** The rights of the token: what may be offered. */
  readonly rights: readonly string[]
}

/** An identity, as `GET /v1/identities/{id}` gives it. */
interface Identity {
  readonly identityId: string
  readonly name?: string
  readonly location?: string
  readonly userAgent?: string
  readonly startDate?: number
  readonly visitScope: string
}

/** One identity: its traits, its visits and sessions over time, and the rights of the person. */
export function IdentityPage({ site, identityId, rights }: IdentityProps): JSX.Element {
  const asked = useAsk<Identity>(toSitePath(site, ['identities', identityId]))
  const isKnown = asked.data !== undefined
  const sessions = useList<Session>(site, isKnown ? ['identities', identityId, 'sessions'] : null)
  const visits = useList<Visit>(site, isKnown ? ['identities', identityId, 'visits'] : null)
  useTitle(toVisible(cut(identityId, 60)))
  const latest = useMemo(() => [...sessions.items].reverse(), [sessions.items])
  const latestVisits = useMemo(() => [...visits.items].reverse(), [visits.items])
  const [erased, setErased] = useState<ErasedReply | null>(null)
  const identity = asked.data
  const error = sessions.error ?? visits.error
  function onErased(reply: ErasedReply): void {
    setErased(reply)
    asked.again()
  }

  return (
    <>
      <header class="session-head">
        <p class="soft small">Identity</p>
        <h1>
          <Text value={identityId} max={120} />
        </h1>
        {identity && <Traits identity={identity} sessions={sessions} visits={visits} />}
      </header>
      {asked.error && asked.error.code !== 'not-found' && <ErrorNote error={asked.error} again={asked.again} />}
      {erased && <ErasedNote reply={erased} />}
      {asked.error?.code === 'not-found' && (
        <Empty title="Nothing is stored of this identity.">
          {!erased && <p>It has never signed in here, or it was erased.</p>}
        </Empty>
      )}
      {asked.isLoading && !identity && <Loading what="the identity" />}
      {error && (
        <ErrorNote
          error={error}
          again={() => {
            for (const list of [sessions, visits]) if (list.error) list.more()
          }}
        />
      )}
      {identity && (
        <>
          <VisitsPicture site={site} sessions={sessions.items} visits={visits.items} isLoading={sessions.isLoading} />
          <div class="session-columns">
            <div class="session-column">
              <section class="panel">
                <h2>Sessions</h2>
                <SessionTable
                  site={site}
                  caption="Sessions of this identity, newest first"
                  sessions={latest.slice(0, mostRows)}
                />
                {latest.length > mostRows && (
                  <Link to={toAddress(site, 'sessions', '', { identityId, automated: 'include' })}>
                    All {formatCount(latest.length)} sessions
                  </Link>
                )}
              </section>
              <section class="panel">
                <h2>Visits</h2>
                <VisitTable
                  site={site}
                  caption="Visits of this identity, newest first"
                  visits={latestVisits.slice(0, mostRows)}
                />
                {latestVisits.length > mostRows && (
                  <p class="soft small">
                    The newest {mostRows} of {formatCount(latestVisits.length)}. The picture above has all.
                  </p>
                )}
              </section>
            </div>
            <div class="session-column">
              <PersonRights site={site} identityId={identityId} rights={rights} onErased={onErased} />
              <Resource
                site={site}
                steps={['identities', identityId]}
                lists={['visits', 'sessions', 'events', 'pages']}
              />
            </div>
          </div>
        </>
      )}
    </>
  )
}

/** Rows of each list. */
const mostRows = 25

interface TraitsProps {
  readonly identity: Identity
  readonly sessions: Listed<Session>
  readonly visits: Listed<Visit>
}

function Traits({ identity, sessions, visits }: TraitsProps): JSX.Element {
  const seconds = sessions.items.reduce((sum, { duration }) => sum + duration, 0)
  const { name, location, userAgent, startDate, visitScope } = identity
  return (
    <dl class="fact-row">
      <Fact title="Name">
        <Text value={name ?? ''} empty="not told" max={80} />
      </Fact>
      <Fact title="Location">
        <Text value={location ?? ''} empty="not told" max={80} />
      </Fact>
      <Fact title="Now">
        <span class={`badge${visitScope === 'Authenticated' ? ' is-stored' : ''}`}>
          {visitScope === 'Authenticated' ? 'signed in' : 'not signed in'}
        </span>
      </Fact>
      {startDate !== undefined && (
        <Fact title="First signed in">
          <Time at={startDate} as="minute" />
        </Fact>
      )}
      <Fact title="Visits">{toCount(visits)}</Fact>
      <Fact title="Sessions">
        {toCount(sessions)}
        {sessions.isWhole && seconds > 0 && `, ${formatDuration(seconds)} in all`}
      </Fact>
      <Fact title="Latest browser" isLong>
        <Text value={userAgent ?? ''} empty="not told" max={90} />
      </Fact>
    </dl>
  )
}

/** How many there are, as far as they are read. */
function toCount({ items, isWhole, isLoading }: Listed<unknown>): string {
  if (isWhole) return formatCount(items.length)
  return isLoading ? '…' : `${formatCount(items.length)} or more`
}
