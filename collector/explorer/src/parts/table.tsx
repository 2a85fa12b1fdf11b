import type { ComponentChildren, JSX } from 'preact'
import { useEffect, useRef, useState } from 'preact/hooks'
import { ChoiceField } from './field.js'

/** A column of a table. */
export interface Column<Row> {
  readonly title: string
  readonly cell: (row: Row) => ComponentChildren
  /** Numbers stand at the right, so that their digits are below each other. */
  readonly isNumber?: boolean
  /** The name by which the table can be sorted by this column. */
  readonly sort?: string
  /** Takes the width that is left, and cuts what does not fit. */
  readonly isWide?: boolean
  /** On a phone: without its title, on a line of its own (without a title too), or not at all. */
  readonly phone?: 'bare' | 'line' | 'none'
}

/** What a table is sorted by. */
export interface Sort {
  readonly by: string
  readonly isDescending: boolean
}

interface TableProps<Row> {
  /** What the table lists, for screen readers. */
  readonly caption: string
  readonly columns: readonly Column<Row>[]
  readonly rows: readonly Row[]
  readonly toKey: (row: Row) => string
  readonly sort?: Sort | undefined
  readonly onSort?: (sort: Sort) => void
  /** The rows are not those of the address yet. */
  readonly isLoading?: boolean
  /** On a phone, each row is a card with the titles beside the values. @default true */
  readonly hasCards?: boolean
}

/**
 * A table with a title for each column. With `onSort`, columns that have `sort` are buttons: the first press sorts from the
 * greatest to the least, the next turns it around. A link of the class `row-link` is as large as its row.
 */
export function Table<Row>(props: TableProps<Row>): JSX.Element {
  const { caption, columns, rows, toKey, sort, onSort, isLoading = false, hasCards = true } = props
  return (
    <Scroll caption={caption}>
      {onSort && hasCards && <SortChoice columns={columns} sort={sort} onSort={onSort} />}
      <table class={`table${hasCards ? ' has-cards' : ''}`} aria-busy={isLoading} role="table">
        <caption class="only-read">{caption}</caption>
        <thead role="rowgroup">
          <tr role="row">
            {columns.map(column => (
              <Head key={column.title} column={column} {...props} />
            ))}
          </tr>
        </thead>
        <tbody role="rowgroup">
          {rows.map(row => (
            <tr key={toKey(row)} role="row">
              {columns.map(column => (
                <td key={column.title} role="cell" class={toClass(column)} data-title={column.title}>
                  {column.cell(row)}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </Scroll>
  )
}

/** The place of a table. If it is too narrow it scrolls, and then it can be reached by the keyboard. */
function Scroll({
  caption,
  children,
}: {
  readonly caption: string
  readonly children: ComponentChildren
}): JSX.Element {
  const place = useRef<HTMLDivElement>(null)
  const [isTight, setTight] = useState(false)
  useEffect(() => {
    const element = place.current
    if (!element) return undefined
    const observer = new ResizeObserver(() => setTight(element.scrollWidth > element.clientWidth))
    observer.observe(element)
    if (element.lastElementChild) observer.observe(element.lastElementChild)
    return () => observer.disconnect()
  }, [])
  return (
    <div
      ref={place}
      class="table-scroll"
      {...(isTight && { tabIndex: 0, role: 'region', 'aria-label': `${caption}, scrolls sideways` })}
    >
      {children}
    </div>
  )
}

function toClass({ isNumber, isWide, phone }: Pick<Column<never>, 'isNumber' | 'isWide' | 'phone'>): string {
  return [isNumber && 'number', isWide && 'wide', phone && `phone-${phone}`].filter(Boolean).join(' ')
}

/** On a phone there are no titles of columns to press. */
function SortChoice<Row>(props: {
  readonly columns: readonly Column<Row>[]
  readonly sort: Sort | undefined
  readonly onSort: (sort: Sort) => void
}): JSX.Element {
  const { columns, sort, onSort } = props
  const choices = columns.flatMap(({ title, sort }): [string, string][] =>
    sort
      ? [
          [`${sort} desc`, `${title}, descending`],
          [`${sort} asc`, `${title}, ascending`],
        ]
      : [],
  )
  return (
    <div class="phone-sort">
      <ChoiceField
        label="Order"
        name="order"
        value={sort ? `${sort.by} ${sort.isDescending ? 'desc' : 'asc'}` : ''}
        choices={choices}
        onChoose={value => {
          const [by = '', order] = value.split(' ')
          onSort({ by, isDescending: order === 'desc' })
        }}
      />
    </div>
  )
}

function Head<Row>({ column, sort, onSort }: TableProps<Row> & { readonly column: Column<Row> }): JSX.Element {
  const { title, sort: name } = column
  const isSorted = sort !== undefined && sort.by === name
  const order = sort?.isDescending ? 'descending' : 'ascending'
  return (
    <th
      scope="col"
      role="columnheader"
      class={toClass(column)}
      {...(isSorted && { 'aria-sort': order as 'ascending' })}
    >
      {name && onSort ? (
        <button
          type="button"
          class="sort"
          onClick={() => onSort({ by: name, isDescending: isSorted ? !sort.isDescending : true })}
        >
          {title}
          <span class="arrow" aria-hidden="true">
            {isSorted ? (sort.isDescending ? '↓' : '↑') : ''}
          </span>
        </button>
      ) : (
        title
      )}
    </th>
  )
}
