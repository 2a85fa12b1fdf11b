import type { ComponentChildren, JSX } from 'preact'
import { Bar } from '../charts/bar.js'
import { Empty } from '../parts/empty.js'
import { Answer } from '../parts/loading.js'
import { type Column, Table } from '../parts/table.js'
import { Text } from '../parts/text.js'
import { formatCount, formatDuration } from '../parts/time.js'
import type { RankedItem, RankingReply } from '../replies.js'
import type { Asked } from '../use-ask.js'
import type { Compared } from './ask.js'
import { formatChange, formatShare } from './period.js'

/** Rows of a ranking that are shown. */
export const shownRows = 10
/** Rows of the period before that are looked through for those of this one. */
export const beforeRows = 500

interface RankingProps {
  readonly title: string
  readonly asked: Asked<Compared<RankingReply>>
  /** What a row is: `Page`. */
  readonly keyTitle: string
  /** What is counted: `Views`. */
  readonly countTitle: string
  readonly by?: 'count' | 'activeMs'
  readonly emptyTitle: string
  /** The text of an empty key. @default (none) */
  readonly emptyKey?: string
  /** What the shares are of, if rows do not count all of it. @default the sum of the ranking */
  readonly whole?: number | undefined
  /** What is said of the rest, after its number: `visits came without`. */
  readonly restWords?: string
  readonly toLink?: (key: string) => JSX.Element
  /** Beside the title: a choice. */
  readonly choice?: ComponentChildren
  /** Takes the whole width, and has a column for what the rows are not ordered by. */
  readonly isFull?: boolean
}

/** The first rows of a ranking as a table with bars, each compared with the period before. */
export function Ranking(props: RankingProps): JSX.Element {
  const { title, asked, emptyTitle, choice, isFull = false } = props
  return (
    <section class={`panel ranking${isFull ? ' is-full' : ''}`}>
      <div class="panel-head">
        <h2>{title}</h2>
        {choice}
      </div>
      <Answer asked={asked} what={title} lines={shownRows}>
        {({ now, before }) =>
          now.items.length === 0 ? (
            <Empty title={emptyTitle} />
          ) : (
            <Rows {...props} now={now} before={before} isLoading={asked.isLoading} />
          )
        }
      </Answer>
    </section>
  )
}

const timeTitle = 'Time active'

type RowsProps = RankingProps & Compared<RankingReply> & { readonly isLoading: boolean }

function Rows({ title, now, before, keyTitle, countTitle, by = 'count', emptyKey = '(none)', ...rest }: RowsProps) {
  const { toLink, isLoading, isFull, restWords } = rest
  const whole = Math.max(now.total[by], rest.whole ?? 0)
  const rows = now.items.slice(0, shownRows)
  const known = new Map(before.items.map(item => [item.key, item]))
  // Whoever is not among the rows of the period before was not there, if those are all. Else that is not known.
  const beforeOf = ({ key }: RankedItem): number | null =>
    known.get(key)?.[by] ?? (before.total.keys <= before.items.length ? 0 : null)
  const greatest = Math.max(1, ...rows.flatMap(row => [row[by], beforeOf(row) ?? 0]))
  const format = by === 'count' ? formatCount : (ms: number) => formatDuration(ms / 1000)
  const other: Column<RankedItem> =
    by === 'count'
      ? { title: timeTitle, isNumber: true, cell: item => formatDuration(item.activeMs / 1000) }
      : { title: countTitle, isNumber: true, cell: item => formatCount(item.count) }
  const columns: Column<RankedItem>[] = [
    {
      title: keyTitle,
      isWide: true,
      phone: 'line',
      cell: item => (
        <>
          <span class="ranking-key">
            {toLink ? toLink(item.key) : <Text value={item.key} max={200} empty={emptyKey} isPlain />}
          </span>
          <Bar share={item[by] / greatest} before={scale(beforeOf(item), greatest)} />
        </>
      ),
    },
    ...(isFull ? [other] : []),
    { title: by === 'count' ? countTitle : timeTitle, isNumber: true, cell: item => format(item[by]) },
    { title: 'Share', isNumber: true, cell: item => formatShare(item[by], whole) },
    {
      title: 'Change',
      isNumber: true,
      cell: item => {
        const count = beforeOf(item)
        return (
          <span class="soft" title={count === null ? 'Not known' : `${format(count)} in the period before`}>
            {count === null ? '–' : formatChange(item[by], count)}
          </span>
        )
      },
    },
  ]
  const more = now.total.keys - rows.length
  const notes = [
    more > 0 && `${formatCount(more)} more are not shown.`,
    restWords && whole > now.total[by] && `${formatCount(whole - now.total[by])} ${restWords}.`,
  ].filter(Boolean)
  return (
    <>
      <Table caption={title} columns={columns} rows={rows} toKey={({ key }) => key} isLoading={isLoading} />
      <p class="small soft share-notes">
        {rows.some(beforeOf) && (
          <span>
            <i class="share-key" /> Period before
          </span>
        )}
        {notes.length > 0 && <span>{notes.join(' ')}</span>}
      </p>
    </>
  )
}

const scale = (value: number | null, greatest: number): number | null => (value === null ? null : value / greatest)
