import type { JSX } from 'preact'
import { Chart } from '../charts/chart.js'
import { useTitle } from '../layout.js'
import { Delivery } from '../now/delivery.js'
import { Latest } from '../now/latest.js'
import type { Connection } from '../now/listen.js'
import { type Now, useNow } from '../now/use-now.js'
import { Loading } from '../parts/loading.js'
import { formatClock, formatCount } from '../parts/time.js'
import type { NowReply } from '../replies.js'
import { Link, toAddress } from '../route.js'

/** What happens on a site just now, as it happens. */
export function NowPage({ site }: { readonly site: string }): JSX.Element {
  useTitle('Now')
  const now = useNow(site)
  return (
    <>
      <div class="page-head">
        <h1>Now</h1>
        <State {...now} />
      </div>
      {now.data ? <Present site={site} data={now.data} /> : <Loading what="what happens now" lines={16} />}
    </>
  )
}

const words: Readonly<Record<Connection, string>> = {
  opening: 'Connecting …',
  live: 'Live',
  lost: 'Connecting again …',
}

function State({ connection, data, error }: Now): JSX.Element {
  const collectors = data && data.collectors > 1 ? `, ${data.collectors} collectors` : ''
  return (
    <p class={`light-line is-${connection}`} role="status">
      <span class={`light is-${connection}`} aria-hidden="true" />
      {words[connection]}
      {connection === 'live' && collectors}
      {connection === 'lost' && <span class="soft">{error?.message ?? 'The collector has ended the connection.'}</span>}
    </p>
  )
}

function Present({ site, data }: { readonly site: string; readonly data: NowReply }): JSX.Element {
  const { active, minutes } = data
  const full = minutes.slice(0, -1)
  const last = full.at(-1)?.events ?? 0
  const hour = minutes.reduce((sum, { events }) => sum + events, 0)
  const more = active.isWhole === false ? ' or more' : ''
  return (
    <>
      <dl class="totals">
        <div>
          <dt>Visits under way</dt>
          <dd class="total">
            {formatCount(active.visits)}
            {more}
          </dd>
        </div>
        <div>
          <dt>Sessions open</dt>
          <dd class="total">
            {formatCount(active.sessions)}
            {more}
          </dd>
          <dd class="small">
            <Link to={toAddress(site, 'sessions', '', { open: true })}>See them</Link>
          </dd>
        </div>
        <div>
          <dt>Events in the last minute</dt>
          <dd class="total">{formatCount(last)}</dd>
        </div>
        <div>
          <dt>Events in the last hour</dt>
          <dd class="total">{formatCount(hour)}</dd>
        </div>
      </dl>
      <section class="panel">
        <h2>The last hour</h2>
        <Chart
          label="Events a minute, in the last hour"
          height={160}
          data={{
            kind: 'bars',
            xTitle: 'Minute',
            xLabels: minutes.map(({ at }) => formatClock(at).slice(0, 5)),
            xFirst: new Date(minutes[0]?.at ?? 0).getMinutes(),
            xNames: minutes.map(
              ({ at }, n) => `${formatClock(at).slice(0, 5)}${n === minutes.length - 1 ? ' (not over)' : ''}`,
            ),
            unit: 'Events a minute',
            series: [{ label: 'Events', values: minutes.map(({ events }) => events), color: 1 }],
          }}
        />
      </section>
      <div class="panels">
        <section class="panel">
          <h2>Latest events</h2>
          {data.latest.length > 0 && (
            <p class="small soft">
              As they arrive, also what the tracker records of pages and sessions. The counts above are without that.
            </p>
          )}
          <Latest site={site} events={data.latest} />
        </section>
        <section class="panel delivery">
          <h2>Delivery in the last hour</h2>
          <Delivery {...data} />
        </section>
      </div>
    </>
  )
}
