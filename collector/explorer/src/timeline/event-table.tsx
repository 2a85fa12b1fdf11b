import type { JSX } from 'preact'
import { useEffect, useState } from 'preact/hooks'
import { Empty } from '../parts/empty.js'
import { type Column, Table } from '../parts/table.js'
import { Text, toShortAddress } from '../parts/text.js'
import { formatCount, isSameDay, Time } from '../parts/time.js'
import { headLane, type Mark, type Picture } from './picture.js'
import type { Selection } from './timeline.js'
import { formatAfter } from './words.js'

interface EventTableProps {
  readonly picture: Picture
  /** Whether another mark is to be told apart from those of the session. */
  readonly hasOthers: boolean
  readonly onSelect: (selection: Selection) => void
}

/** Rows that are shown at first, and how many more with each press. */
const firstRows = 20
const moreRows = 200

/** The same as the timeline, as a table: each event in the order of time, with its page and tab. */
export function EventTable({ picture, hasOthers, onSelect }: EventTableProps): JSX.Element {
  const [more, setMost] = useState(firstRows)
  const most = useIsPrinted() ? Number.POSITIVE_INFINITY : more
  const pageOf = new Map(picture.bars.map(({ page }) => [page.pageID, page]))
  const { marks, start, end, strayLane } = picture
  if (marks.length === 0) return <Empty title="No events were recorded." />
  const as = isSameDay(start, end) ? 'clock' : 'time'
  const columns: readonly Column<Mark>[] = [
    { title: 'Time', phone: 'bare', cell: ({ event }) => <Time at={event.timestamp} as={as} /> },
    { title: 'Since start', isNumber: true, phone: 'bare', cell: ({ at }) => formatAfter(at - start) },
    {
      title: 'Event',
      phone: 'bare',
      cell: ({ event }) => (
        <button
          type="button"
          class="inline"
          onClick={() => onSelect({ kind: 'events', id: event.eventID, ids: [event.eventID] })}
        >
          <Text value={event.eventName} max={60} isPlain />
        </button>
      ),
    },
    {
      title: 'Page',
      phone: 'line',
      isWide: true,
      cell: ({ event }) => {
        const page = event.pageID === null ? undefined : pageOf.get(event.pageID)
        return <Text value={page?.title || toShortAddress(page?.url ?? event.url)} max={120} isPlain />
      },
    },
    { title: 'Tab', phone: 'none', cell: ({ lane }) => (lane === strayLane || lane === headLane ? '–' : lane + 1) },
    ...(hasOthers
      ? [{ title: 'Signed in', phone: 'none' as const, cell: ({ isOwn }: Mark) => (isOwn ? 'yes' : 'no') }]
      : []),
  ]
  return (
    <>
      <Table
        caption="All that is on the timeline, in the order of time"
        columns={columns}
        rows={marks.slice(0, most)}
        toKey={({ event }) => event.eventID}
      />
      {marks.length > most && (
        <p class="actions">
          <button type="button" class="quiet" onClick={() => setMost(more + moreRows)}>
            Show more
          </button>
          <span class="soft small">
            {formatCount(most)} of {formatCount(marks.length)} events
          </span>
        </p>
      )}
    </>
  )
}

/** Whether the page is just being printed. Paper has no button that shows more. */
function useIsPrinted(): boolean {
  const [isPrinted, setPrinted] = useState(false)
  useEffect(() => {
    const end = new AbortController()
    addEventListener('beforeprint', () => setPrinted(true), end)
    addEventListener('afterprint', () => setPrinted(false), end)
    return () => end.abort()
  }, [])
  return isPrinted
}
