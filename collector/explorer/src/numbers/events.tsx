import type { JSX } from 'preact'
import { toSitePath } from '../api.js'
import { Empty } from '../parts/empty.js'
import { ChoiceField } from '../parts/field.js'
import { Answer } from '../parts/loading.js'
import { cut, Text, toVisible } from '../parts/text.js'
import type { PropertiesReply, RankingReply } from '../replies.js'
import { changeQuery } from '../route.js'
import { type Asked, useAsk } from '../use-ask.js'
import { type Asking, type Compared, useNumbers } from './ask.js'
import { toPeriodParameters } from './period.js'
import { beforeRows, Ranking, shownRows } from './ranking.js'

interface EventsProps {
  readonly asking: Asking
  readonly asked: Asked<Compared<RankingReply>>
  /** The event and the property that the address has chosen; empty: none. */
  readonly eventName: string
  readonly property: string
}

/** Events by their names, and beside them those of one name by a property of their data. */
export function Events({ asking, asked, eventName, property }: EventsProps): JSX.Element {
  return (
    <>
      <Ranking
        title="Events"
        asked={asked}
        keyTitle="Name"
        countTitle="Events"
        emptyTitle="No events in this time"
        toLink={key => (
          <button
            type="button"
            class="inline"
            aria-pressed={key === eventName}
            onClick={() => changeQuery({ event: key, property: null })}
          >
            <Text value={key} max={120} isPlain />
          </button>
        )}
      />
      {eventName ? (
        <ByProperty key={eventName} asking={asking} eventName={eventName} property={property} />
      ) : (
        <section class="panel">
          <h2>One event by its data</h2>
          <Empty title="Choose an event">
            <p>Press a name in the list of events. Then choose a property of its data.</p>
          </Empty>
        </section>
      )}
    </>
  )
}

function ByProperty({ asking, eventName, property }: Omit<EventsProps, 'asked'>): JSX.Element {
  const { site, period, automated } = asking
  const parameters = { ...toPeriodParameters(period), automated, eventName }
  const properties = useAsk<PropertiesReply>(toSitePath(site, ['numbers', 'properties'], parameters))
  const known = properties.data?.items.map(({ key }) => key) ?? []
  const shown = property || known[0] || ''
  const values = useNumbers<RankingReply>(
    asking,
    shown ? 'values' : null,
    { eventName, property: shown, limit: shownRows },
    { limit: beforeRows },
  )
  const short = toVisible(cut(eventName, 60))
  if (!properties.data || !shown)
    return (
      <section class="panel">
        <h2>
          <bdi>{short}</bdi> by its data
        </h2>
        <Answer asked={properties} what="properties">
          {() => (
            <Empty title="No data">
              <p>The events with this name have no data in this time, or none that can be counted.</p>
            </Empty>
          )}
        </Answer>
      </section>
    )
  const choices = known.includes(shown) ? known : [shown, ...known]
  return (
    <Ranking
      title={`${short} by its data`}
      asked={values}
      keyTitle="Value"
      countTitle="Events"
      emptyTitle="No values in this time"
      emptyKey="(empty)"
      choice={
        <ChoiceField
          label="Property"
          name="property"
          value={shown}
          choices={choices.map(key => [key, toVisible(cut(key, 60))])}
          onChoose={key => changeQuery({ property: key })}
        />
      }
    />
  )
}
