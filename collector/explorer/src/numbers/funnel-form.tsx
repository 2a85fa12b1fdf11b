import type { JSX } from 'preact'
import { useState } from 'preact/hooks'
import { ChoiceField, InputField, readForm } from '../parts/field.js'
import { changeQuery } from '../route.js'
import { maxSteps, minSteps, type Step, toStepText } from './steps.js'

interface FormProps {
  readonly steps: readonly Step[]
  readonly events: readonly string[]
  readonly pages: readonly string[]
}

const emptyStep: Step = { kind: 'event', value: '' }

/** The steps of a funnel as fields. They go into the address with the button. */
export function FunnelForm({ steps, events, pages }: FormProps): JSX.Element {
  const [drawn, setDrawn] = useState<readonly Step[]>(() => [
    ...steps,
    ...Array.from({ length: Math.max(0, minSteps - steps.length) }, () => emptyStep),
  ])

  function readAll(form: HTMLFormElement): Step[] {
    const values = readForm(form)
    return drawn.map((step, n) => ({ ...step, value: values[`step-${n}`] ?? '' }))
  }

  function change(form: HTMLFormElement | null, next: (steps: Step[]) => readonly Step[]): void {
    if (form) setDrawn(next(readAll(form)))
  }

  return (
    <form
      class="funnel-form"
      aria-label="Steps of the funnel"
      onSubmit={event => {
        event.preventDefault()
        const chosen = readAll(event.currentTarget as HTMLFormElement).filter(({ value }) => value !== '')
        changeQuery({ step: chosen.map(toStepText) })
      }}
    >
      {drawn.map((step, n) => (
        <div class="funnel-step" key={n}>
          <ChoiceField
            label={`Step ${n + 1}`}
            name={`kind-${n}`}
            value={step.kind}
            choices={[
              ['event', 'Event'],
              ['page', 'Page'],
            ]}
            onChoose={kind =>
              change(findForm(`kind-${n}`), all =>
                all.map((one, at) => (at === n ? { ...one, kind: kind as 'event' } : one)),
              )
            }
          />
          <InputField
            label={step.kind === 'event' ? 'Name of the event' : 'Address of the page'}
            name={`step-${n}`}
            value={step.value}
            list={step.kind === 'event' ? events : pages}
          />
          <button
            type="button"
            class="quiet"
            aria-label={`Remove step ${n + 1}`}
            disabled={drawn.length <= minSteps}
            onClick={event => change(event.currentTarget.form, all => all.filter((_, at) => at !== n))}
          >
            ×
          </button>
        </div>
      ))}
      <div class="actions">
        <button>Count</button>
        <button
          type="button"
          class="quiet"
          disabled={drawn.length >= maxSteps}
          onClick={event => change(event.currentTarget.form, all => [...all, emptyStep])}
        >
          Add a step
        </button>
      </div>
    </form>
  )
}

/** The form of a field by the name of the field: there is one funnel on a page. */
const findForm = (name: string): HTMLFormElement | null =>
  document.querySelector<HTMLSelectElement>(`.funnel-form [name="${name}"]`)?.form ?? null
