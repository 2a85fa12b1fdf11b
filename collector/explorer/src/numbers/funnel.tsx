import type { JSX } from 'preact'
import { Bar } from '../charts/bar.js'
import { Empty } from '../parts/empty.js'
import { Answer } from '../parts/loading.js'
import { type Column, Table } from '../parts/table.js'
import { Text } from '../parts/text.js'
import { formatCount } from '../parts/time.js'
import type { FunnelReply } from '../replies.js'
import { type Asking, type Compared, useNumbers } from './ask.js'
import { FunnelForm } from './funnel-form.js'
import { formatShare } from './period.js'
import { minSteps, parseStep, type Step, toStepText } from './steps.js'

interface FunnelProps {
  readonly asking: Asking
  readonly steps: readonly Step[]
  /** What the fields suggest. */
  readonly events: readonly string[]
  readonly pages: readonly string[]
}

/** How many sessions did one thing after the other: two to five steps, chosen by the person, kept in the address. */
export function Funnel({ asking, steps, events, pages }: FunnelProps): JSX.Element {
  const isAsked = steps.length >= minSteps
  const asked = useNumbers<FunnelReply>(asking, isAsked ? 'funnel' : null, { step: steps.map(toStepText) })
  return (
    <section class="panel funnel">
      <h2>Funnel</h2>
      <p class="soft">How many sessions did the first step, and after it the second, and so on.</p>
      <div class="funnel-parts">
        <FunnelForm key={steps.map(toStepText).join('\n')} steps={steps} events={events} pages={pages} />
        {isAsked ? (
          <Answer asked={asked} what="the funnel" lines={steps.length * 2}>
            {data => <Steps {...data} />}
          </Answer>
        ) : (
          <Empty title="Choose two steps or more">
            <p>For example an event that starts something, and the event that completes it.</p>
          </Empty>
        )}
      </div>
    </section>
  )
}

interface Row {
  readonly n: number
  readonly step: Step
  readonly sessions: number
  readonly from: number
  readonly before: number
  readonly beforeFirst: number
}

function Steps({ now, before }: Compared<FunnelReply>): JSX.Element {
  const first = now.steps[0]?.sessions ?? 0
  const rows = now.steps.map(({ step, sessions }, n): Row => {
    const from = n === 0 ? sessions : (now.steps[n - 1]?.sessions ?? 0)
    const [beforeFirst, beforeNow] = [before.steps[0]?.sessions ?? 0, before.steps[n]?.sessions ?? 0]
    return { n, step: parseStep(step), sessions, from, before: beforeNow, beforeFirst }
  })
  if (first === 0)
    return (
      <Empty title="Nobody did the first step">
        <p>No session of this time has it. Is it written as it is recorded?</p>
      </Empty>
    )
  const columns: Column<Row>[] = [
    {
      title: 'Step',
      isWide: true,
      phone: 'line',
      cell: ({ n, step, sessions }) => (
        <>
          <span class="ranking-key">
            <span class="soft">{n + 1}. </span>
            <Text value={step.value} max={120} isPlain />
          </span>
          <Bar share={sessions / first} />
        </>
      ),
    },
    { title: 'Sessions', isNumber: true, cell: ({ sessions }) => formatCount(sessions) },
    { title: 'Of the first', isNumber: true, cell: ({ sessions }) => formatShare(sessions, first) },
    { title: 'Of the step before', isNumber: true, cell: ({ sessions, from }) => formatShare(sessions, from) },
    {
      title: 'Period before',
      isNumber: true,
      cell: ({ before, beforeFirst }) => <span class="soft">{formatShare(before, beforeFirst)}</span>,
    },
  ]
  return (
    <>
      <Table caption="Steps of the funnel" columns={columns} rows={rows} toKey={({ n }) => String(n)} />
      {!(now.isWhole && before.isWhole) && (
        <p class="small soft">
          There are more sessions than can be looked at. These are the newest {formatCount(now.looked)} with the first
          step.
        </p>
      )}
    </>
  )
}
