import type { JSX } from 'preact'
import { useLayoutEffect, useRef, useState } from 'preact/hooks'
import { endReasons } from '../endings.js'
import { ChoiceField, InputField, readForm } from '../parts/field.js'
import { cut, toVisible } from '../parts/text.js'
import { formatZone } from '../parts/time.js'
import { changeQuery } from '../route.js'
import { describeFilter, type FilterName, type Filters, filterNames, toFirst } from './filters.js'

/** The filters behind "More filters". */
const moreNames: readonly FilterName[] = filterNames.slice(filterNames.indexOf('endReason'))

/** Changes filters of the address. The list begins anew, because a cursor belongs to its filters. */
function apply(changes: Partial<Record<FilterName, string>>): void {
  changeQuery({ ...changes, ...toFirst })
}

/** The filters of the list: a form, and below it what is set, each with a way to remove it. */
export function FilterForm({ filters }: { readonly filters: Filters }): JSX.Element {
  const form = useRef<HTMLFormElement>(null)
  const hasMore = moreNames.some(name => filters[name] !== undefined)
  const [isOpen, setOpen] = useState(hasMore)
  const of = (name: FilterName): { name: FilterName; value: string } => ({ name, value: filters[name] ?? '' })
  // A choice takes the texts along that were typed and not applied.
  const applyAll = (): void => {
    if (form.current?.reportValidity()) apply(readForm(form.current))
  }
  const zone = formatZone(Date.now())
  const choice = (name: FilterName) => ({ ...of(name), onChoose: applyAll })

  return (
    <form
      ref={form}
      class="panel filters"
      aria-label="Filters"
      onSubmit={event => {
        event.preventDefault()
        applyAll()
      }}
    >
      <div class="fields">
        <InputField label="Identity" type="search" {...of('identityId')} />
        <InputField label="From (UTC)" type="date" max={filters.until} {...of('since')} />
        <InputField label="To (UTC)" type="date" min={filters.since} {...of('until')} />
        <ChoiceField
          label="State"
          choices={[
            ['', 'any'],
            ['true', 'open'],
            ['false', 'ended'],
          ]}
          {...choice('open')}
        />
        <div class="filter-actions">
          <button>Show</button>
          <button
            type="button"
            class="quiet"
            aria-expanded={isOpen}
            aria-controls="more-filters"
            onClick={() => setOpen(!isOpen)}
          >
            {isOpen ? 'Fewer' : 'More filters'}
          </button>
        </div>
      </div>
      <div id="more-filters" class="fields" hidden={!isOpen}>
        <InputField label="Page address" type="search" isWide placeholder="https://…" {...of('url')} />
        <InputField label="Event name" type="search" {...of('eventName')} />
        <ChoiceField
          label="How it ended"
          choices={[['', 'in any way'], ...Object.entries(endReasons)]}
          {...choice('endReason')}
        />
        <InputField label="Seconds, at least" type="number" min="0" {...of('minDuration')} />
        <InputField label="Seconds, at most" type="number" min="0" {...of('maxDuration')} />
        <ChoiceField
          label="Records"
          choices={[
            ['', 'stored or owed'],
            ['true', 'all stored'],
            ['false', 'some still owed'],
          ]}
          {...choice('complete')}
        />
        <ChoiceField
          label="Automated browsers"
          choices={[
            ['', 'left out'],
            ['include', 'shown too'],
            ['only', 'shown alone'],
          ]}
          {...choice('automated')}
        />
      </div>
      {zone !== 'UTC' && <p class="small soft">From and To are days of UTC. The times below are {zone}.</p>}
      <Chips filters={filters} />
    </form>
  )
}

function Chips({ filters }: { readonly filters: Filters }): JSX.Element {
  const set = filterNames.filter(name => filters[name] !== undefined)
  const place = useRef<HTMLDivElement>(null)
  /** Where the chip was that was pressed: its place is that of the next one. */
  const pressed = useRef<number | null>(null)
  useLayoutEffect(() => {
    const at = pressed.current
    pressed.current = null
    if (at === null || !place.current) return
    const left = place.current.querySelectorAll<HTMLElement>('.chip')
    const next = left[Math.min(at, left.length - 1)]
    ;(next ?? place.current.closest('form')?.querySelector('button'))?.focus({ preventScroll: true })
  }, [set.length])
  if (set.length === 0) return <div ref={place} hidden />
  return (
    <div class="chips" ref={place}>
      {set.map((name, at) => {
        const text = toVisible(cut(describeFilter(name, filters[name] ?? ''), 80))
        return (
          <button
            key={name}
            type="button"
            class="chip"
            aria-label={`Remove: ${text}`}
            onClick={() => {
              pressed.current = at
              apply({ [name]: '' })
            }}
          >
            <bdi>{text}</bdi>
            <span aria-hidden="true">×</span>
          </button>
        )
      })}
      <button
        type="button"
        class="inline small"
        onClick={() => {
          pressed.current = 0
          apply(Object.fromEntries(filterNames.map(name => [name, ''])))
        }}
      >
        Remove all
      </button>
    </div>
  )
}
