import type { JSX } from 'preact'
import { useTitle } from '../layout.js'
import { type Asking, useNumbers } from '../numbers/ask.js'
import { DaysChart } from '../numbers/days-chart.js'
import { DurationsChart } from '../numbers/durations-chart.js'
import { Events } from '../numbers/events.js'
import { Funnel } from '../numbers/funnel.js'
import { readPeriod, toPeriodParameters } from '../numbers/period.js'
import { PeriodForm } from '../numbers/period-form.js'
import { beforeRows, Ranking, shownRows } from '../numbers/ranking.js'
import { readSteps } from '../numbers/steps.js'
import { Totals } from '../numbers/totals.js'
import { Empty } from '../parts/empty.js'
import { Answer } from '../parts/loading.js'
import { Text } from '../parts/text.js'
import type { DaysReply, DurationsReply, RankingReply } from '../replies.js'
import { changeQuery, Link, toAddress, useQuery } from '../route.js'

type Ranked = 'pages' | 'entries' | 'exits' | 'referrers' | 'events'

function useRanking(asking: Asking, of: Ranked, by: 'count' | 'activeMs' = 'count') {
  return useNumbers<RankingReply>(asking, 'ranking', { of, by, limit: shownRows }, { limit: beforeRows })
}

/** The numbers of a period, compared with the period before. */
export function NumbersPage({ site }: { readonly site: string }): JSX.Element {
  useTitle('Numbers')
  const query = useQuery()
  const chosen = readPeriod(query, Date.now())
  const automated = ['include', 'only'].find(one => one === query.get('automated')) ?? ''
  const by = query.get('by') === 'activeMs' ? 'activeMs' : 'count'
  const asking: Asking = { site, period: chosen.period, automated }
  const days = useNumbers<DaysReply>(asking, 'days')
  const durations = useNumbers<DurationsReply>(asking, 'durations')
  const pages = useRanking(asking, 'pages', by)
  const referrers = useRanking(asking, 'referrers')
  const entries = useRanking(asking, 'entries')
  const exits = useRanking(asking, 'exits')
  const events = useRanking(asking, 'events')
  const isEmpty = days.data !== undefined && !days.data.now.total.visits && !days.data.before.total.visits
  const toKeys = (asked: typeof pages): string[] => asked.data?.now.items.map(({ key }) => key) ?? []
  return (
    <>
      <h1>Numbers</h1>
      <PeriodForm {...chosen} automated={automated} behind={days.data?.now.behind.visits ?? 0} />
      <div class={`numbers-head${isEmpty ? ' is-empty' : ''}`}>
        <Answer asked={days} what="the days" lines={12}>
          {data => (
            <>
              <Totals {...data} />
              {isEmpty ? (
                <section class="panel">
                  <Empty title="Nothing in this time">
                    <p>
                      Choose a longer time, or <Link to={toAddress(site, 'setup')}>check the set-up</Link>.
                    </p>
                  </Empty>
                </section>
              ) : (
                <div class="panels">
                  <section class="panel">
                    <h2>Visitors</h2>
                    <DaysChart {...data} of="visitors" title="Visitors" color={1} />
                  </section>
                  <section class="panel">
                    <h2>Sessions</h2>
                    <DaysChart {...data} of="sessions" title="Sessions" color={2} />
                  </section>
                </div>
              )}
            </>
          )}
        </Answer>
      </div>
      <div class="panels" hidden={isEmpty}>
        <section class="panel">
          <h2>How long sessions last</h2>
          <Answer asked={durations} what="the durations" lines={10}>
            {data => <DurationsChart {...data} />}
          </Answer>
        </section>
        <Ranking
          title="Where visits come from"
          asked={referrers}
          keyTitle="Referrer"
          countTitle="Visits"
          emptyTitle="No referrers in this time"
          whole={days.data?.now.total.visits}
          restWords="came from no other site: the address was typed, or the browser does not tell"
        />
        <Ranking
          title="Pages"
          asked={pages}
          isFull
          keyTitle="Page"
          countTitle="Views"
          by={by}
          emptyTitle="No pages in this time"
          toLink={url => <PageLink asking={asking} url={url} />}
          choice={
            <div class="segments" role="group" aria-label="Order of the pages">
              {(['count', 'activeMs'] as const).map(one => (
                <button
                  key={one}
                  type="button"
                  aria-pressed={by === one}
                  onClick={() => changeQuery({ by: one === 'count' ? null : one })}
                >
                  {one === 'count' ? 'By views' : 'By time active'}
                </button>
              ))}
            </div>
          }
        />
        <Ranking
          title="First pages"
          asked={entries}
          keyTitle="Page"
          countTitle="Visits"
          emptyTitle="No visits in this time"
        />
        <Ranking
          title="Last pages"
          asked={exits}
          keyTitle="Page"
          countTitle="Visits"
          emptyTitle="No visits in this time"
        />
        <Events
          asking={asking}
          asked={events}
          eventName={query.get('event') ?? ''}
          property={query.get('property') ?? ''}
        />
      </div>
      {!isEmpty && <Funnel asking={asking} steps={readSteps(query)} events={toKeys(events)} pages={toKeys(pages)} />}
    </>
  )
}

/** A page leads to the sessions of the period that have seen it. */
function PageLink({ asking, url }: { readonly asking: Asking; readonly url: string }): JSX.Element {
  const { site, period, automated } = asking
  return (
    <Link
      to={toAddress(site, 'sessions', '', { ...toPeriodParameters(period), url, automated })}
      title="Sessions of this time with this page"
    >
      <Text value={url} max={200} isPlain />
    </Link>
  )
}
