import type { JSX } from 'preact'
import { useTitle } from '../layout.js'
import { ErrorNote } from '../parts/error.js'
import { Loading } from '../parts/loading.js'
import { Text } from '../parts/text.js'
import { Duration, Time } from '../parts/time.js'
import type { Visit } from '../timeline/model.js'
import { Resource } from '../timeline/resource.js'
import { SessionTable } from '../timeline/sessions-of.js'
import { useVisit } from '../timeline/use-visit.js'
import { VisitTimeline } from '../timeline/visit-timeline.js'
import { Fact } from './session.js'

interface VisitProps {
  readonly site: string
  readonly visitID: string
}

/** One visit: all that one browser did until it was idle, with and without a sign-in. */
export function VisitPage({ site, visitID }: VisitProps): JSX.Element {
  const parts = useVisit(site, visitID, null)
  const { visit, sessions, picture } = parts
  useTitle('Visit')
  if (visit.error && !visit.data)
    return (
      <>
        <h1>Visit</h1>
        <ErrorNote error={visit.error} again={visit.again} />
      </>
    )
  if (!visit.data) return <Loading what="the visit" />
  const anonymous = picture?.marks.filter(({ event }) => !event.sessionID && event.eventType !== 'SYSTEM').length
  return (
    <>
      <Header visit={visit.data} sessions={sessions.items.length} anonymous={anonymous} />
      <VisitTimeline
        site={site}
        label="Timeline of the visit"
        parts={parts}
        beside={
          <>
            <section class="panel">
              <h2>Sessions</h2>
              {sessions.items.length ? (
                <SessionTable site={site} caption="Sessions of this visit" sessions={sessions.items} hasIdentity />
              ) : (
                !sessions.isLoading && <p class="soft">None. Nobody signed in during this visit.</p>
              )}
            </section>
            <Resource site={site} steps={['visits', visitID]} lists={['sessions', 'events', 'pages']} />
          </>
        }
      />
    </>
  )
}

interface HeaderProps {
  readonly visit: Visit
  readonly sessions: number
  readonly anonymous: number | undefined
}

function Header({ visit, sessions, anonymous }: HeaderProps): JSX.Element {
  const { startDate, endDate, userAgent, languageCode, automated } = visit
  return (
    <header class="session-head">
      <p class="soft small">Visit</p>
      <h1>
        <Time at={startDate} as="minute" />
      </h1>
      <dl class="fact-row">
        <Fact title="Length">
          {endDate ? (
            <Duration seconds={Math.max(0, endDate - startDate) / 1000} />
          ) : (
            <span class="badge is-stored">still open</span>
          )}
        </Fact>
        <Fact title="Sessions">{sessions}</Fact>
        {anonymous !== undefined && <Fact title="Events without a sign-in">{anonymous}</Fact>}
        <Fact title="Language">
          <Text value={languageCode} empty="not told" max={20} />
        </Fact>
        <Fact title="Browser" isLong>
          {automated && <span class="badge">automated</span>} <Text value={userAgent} empty="not told" max={90} />
        </Fact>
      </dl>
    </header>
  )
}
