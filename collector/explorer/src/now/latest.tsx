import type { JSX } from 'preact'
import { Empty } from '../parts/empty.js'
import { Text, toShortAddress } from '../parts/text.js'
import { Time } from '../parts/time.js'
import type { LatestEvent } from '../replies.js'
import { Link, toAddress } from '../route.js'

/** The events that arrived last, each with a way to its session or visit. */
export function Latest({
  site,
  events,
}: {
  readonly site: string
  readonly events: readonly LatestEvent[]
}): JSX.Element {
  if (events.length === 0)
    return (
      <Empty title="No events yet">
        <p>
          They appear here as they arrive, but for those of automated browsers.{' '}
          <Link to={toAddress(site, 'setup')}>Check the set-up</Link>
        </p>
      </Empty>
    )
  return (
    <ol class="latest">
      {events.map(({ eventID, eventName, url, timestamp, visitID, sessionID, identityId }) => (
        <li key={`${visitID} ${eventID}`}>
          <Time at={timestamp} as="recent" />
          <Link
            class="row-link latest-name"
            to={sessionID ? toAddress(site, 'sessions', sessionID) : toAddress(site, 'visits', visitID)}
          >
            <Text value={eventName} max={60} isPlain />
          </Link>
          <span class="latest-who">
            <Text value={identityId ?? ''} max={60} empty="not signed in" isPlain />
          </span>
          <span class="soft latest-url">
            <Text value={toShortAddress(url)} max={120} isPlain />
          </span>
        </li>
      ))}
    </ol>
  )
}
