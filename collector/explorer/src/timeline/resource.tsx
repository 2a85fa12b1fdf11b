import type { JSX } from 'preact'
import { toSitePath } from '../api.js'
import { base } from '../base.js'
import { Answer } from '../parts/loading.js'
import { toVisible } from '../parts/text.js'
import { changeQuery, useQuery } from '../route.js'
import { useAsk } from '../use-ask.js'
import { JsonText } from './json.js'

interface ResourceProps {
  readonly site: string
  /** The path of the resource below the site, as `['sessions', id]`. */
  readonly steps: readonly string[]
  /** What it can include. */
  readonly lists: readonly string[]
}

const forms = [
  ['sojourn', 'Sojourn'],
  ['gwe', 'Genesys (GWE)'],
] as const

/** A resource as the collector gives it to any program: in our form, and in that of Genesys Web Engagement. */
export function Resource({ site, steps, lists }: ResourceProps): JSX.Element {
  const address = useQuery()
  const form = address.get('form') === 'gwe' ? 'gwe' : 'sojourn'
  const included = new Set(address.getAll('with').filter(name => lists.includes(name)))
  const setForm = (form: 'sojourn' | 'gwe') => changeQuery({ form: form === 'gwe' ? form : null }, true)
  const query = Object.fromEntries(
    [...included].flatMap(name => [
      [`include_${name}`, 'true'],
      [`include_${name}_detail`, 'true'],
    ]),
  ) as Record<string, string>
  const path = toSitePath(site, [...(form === 'gwe' ? ['backend', 'data'] : []), ...steps], query)
  const asked = useAsk<unknown>(path)

  function toggle(name: string): void {
    const next = new Set(included)
    if (!next.delete(name)) next.add(name)
    changeQuery({ with: [...next] }, true)
  }

  function move(event: KeyboardEvent, at: number): void {
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key]
    if (!step) return
    event.preventDefault()
    const next = (at + step + forms.length) % forms.length
    setForm((forms[next] ?? forms[0])[0])
    const tabs = (event.currentTarget as HTMLElement).parentElement?.children
    ;(tabs?.[next] as HTMLElement | undefined)?.focus()
  }

  return (
    <section class="panel resource" aria-labelledby="resource-title">
      <div class="panel-head">
        <h2 id="resource-title">As a program reads it</h2>
        <div class="segments" role="tablist" aria-label="Form">
          {forms.map(([name, title], at) => (
            <button
              key={name}
              type="button"
              role="tab"
              id={`resource-${name}`}
              aria-selected={form === name}
              aria-controls="resource-text"
              tabIndex={form === name ? 0 : -1}
              onClick={() => setForm(name)}
              onKeyDown={event => move(event, at)}
            >
              {title}
            </button>
          ))}
        </div>
      </div>
      <div id="resource-text" class="resource-text" role="tabpanel" aria-labelledby={`resource-${form}`}>
        <p class="resource-path">
          <code>
            GET <bdi>{toVisible(`${base}${path}`)}</bdi>
          </code>
        </p>
        <p class="actions small">
          {lists.map(name => (
            <label key={name} class="check">
              <input type="checkbox" checked={included.has(name)} onChange={() => toggle(name)} /> with {name}
            </label>
          ))}
        </p>
        <Answer asked={asked} what="the resource" lines={6}>
          {value => (
            <JsonText label={`The resource in the form of ${form === 'gwe' ? 'Genesys' : 'Sojourn'}`} value={value} />
          )}
        </Answer>
      </div>
    </section>
  )
}
