import type { JSX } from 'preact'
import { DocLink } from '../parts/doc-link.js'
import { type Column, Table } from '../parts/table.js'
import { Text } from '../parts/text.js'
import { formatCount, formatSpan, Time } from '../parts/time.js'
import type { MinuteCounts, NowReply } from '../replies.js'

const fates = [
  ['stored', 'Records stored', 'New records on disk: events, and what the tracker records of pages and sessions.'],
  ['replays', 'Sent again', 'Records that were stored before. They count once.'],
  ['late', 'Late', 'Stored more than a minute after they happened: the device was offline, or closed.'],
  ['refused', 'Refused', 'Records and requests that were not taken.'],
] as const satisfies readonly (readonly [keyof MinuteCounts, string, string])[]

type Refused = NowReply['refused'][number]

const columns: readonly Column<Refused>[] = [
  { title: 'Reason', cell: ({ code }) => <Text value={code} max={60} isPlain />, phone: 'bare' },
  { title: 'Times', isNumber: true, cell: ({ count }) => formatCount(count) },
  { title: 'Last', cell: ({ lastAt }) => <Time at={lastAt} as="clock" /> },
  {
    title: 'From',
    isWide: true,
    phone: 'line',
    cell: ({ origin }) => <Text value={origin ?? ''} max={120} empty="no page" isPlain />,
  },
]

/** Whether records arrive: how many of each fate in the last hour, how fast, and what was refused. */
export function Delivery({ minutes, delay, refused }: NowReply): JSX.Element {
  return (
    <>
      <dl class="fates">
        {fates.map(([name, title, about]) => {
          const count = minutes.reduce((sum, minute) => sum + minute[name], 0)
          return (
            <div key={name} class={`fate is-${name}${count > 0 ? ' is-some' : ''}`} title={about}>
              <dt>{title}</dt>
              <dd>{formatCount(count)}</dd>
            </div>
          )
        })}
      </dl>
      <p class="small soft">
        {delay.p50Ms === null || delay.p95Ms === null
          ? 'No record has arrived in the last hour.'
          : `From the event to the disk: half within ${formatSpan(delay.p50Ms)}, 95 of 100 within ${formatSpan(delay.p95Ms)}.`}
      </p>
      {refused.length > 0 && (
        <>
          <h3>Refused in the last hour</h3>
          <Table
            caption="Refused in the last hour"
            columns={columns}
            rows={refused}
            toKey={({ code, origin }) => `${code} ${origin}`}
          />
          <DocLink page="codes">What each reason means</DocLink>
        </>
      )}
    </>
  )
}
