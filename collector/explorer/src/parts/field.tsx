import type { ComponentChildren, JSX } from 'preact'
import { useId, useLayoutEffect, useRef } from 'preact/hooks'
import { cut, toVisible } from './text.js'

interface FieldProps {
  readonly label: string
  readonly children: (id: string) => ComponentChildren
  readonly hint?: string
  /** Takes the place of two fields. */
  readonly isWide?: boolean
}

/** A label above what it names. */
export function Field({ label, hint, children, isWide = false }: FieldProps): JSX.Element {
  const id = useId()
  return (
    <div class={`field${isWide ? ' is-wide' : ''}`}>
      <label for={id}>{label}</label>
      {children(id)}
      {hint && <span class="hint">{hint}</span>}
    </div>
  )
}

interface InputProps {
  readonly label: string
  readonly name: string
  /** The value of the address. The field shows it again when the address changes. */
  readonly value: string
  readonly hint?: string
  readonly isWide?: boolean
}

/** A field of text, date or number within a form that reads it by its name. */
export function InputField({
  type = 'text',
  list,
  min,
  max,
  placeholder,
  ...props
}: InputProps & {
  readonly type?: 'text' | 'date' | 'number' | 'search'
  readonly list?: readonly string[]
  readonly min?: string | undefined
  readonly max?: string | undefined
  readonly placeholder?: string
}): JSX.Element {
  const input = useRef<HTMLInputElement>(null)
  // The element stays the same, because its focus would be lost with it.
  useLayoutEffect(() => {
    if (input.current) input.current.value = props.value
  }, [props.value])
  return (
    <Field {...props}>
      {id => (
        <>
          <input
            ref={input}
            id={id}
            name={props.name}
            type={type}
            defaultValue={props.value}
            autocomplete="off"
            spellcheck={false}
            {...(list && { list: `${id}-list` })}
            {...(min && { min })}
            {...(max && { max })}
            {...(placeholder && { placeholder })}
          />
          {list && (
            <datalist id={`${id}-list`}>
              {list.map(value => (
                <option key={value} value={value} />
              ))}
            </datalist>
          )}
        </>
      )}
    </Field>
  )
}

/**
 * A choice of one of several values. `onChoose` is called at once, without a form. A value of the address that is none of
 * them is shown as it is.
 */
export function ChoiceField({
  choices,
  onChoose,
  ...props
}: InputProps & {
  readonly choices: readonly (readonly [value: string, title: string])[]
  readonly onChoose?: (value: string) => void
}): JSX.Element {
  return (
    <Field {...props}>
      {id => (
        <select
          id={id}
          name={props.name}
          value={props.value}
          onChange={event => onChoose?.((event.currentTarget as HTMLSelectElement).value)}
        >
          {!choices.some(([value]) => value === props.value) && (
            <option value={props.value}>{toVisible(cut(props.value, 40))}</option>
          )}
          {choices.map(([value, title]) => (
            <option key={value} value={value}>
              {title}
            </option>
          ))}
        </select>
      )}
    </Field>
  )
}

/** The values of a form by the names of its fields, without spaces around them. Empty ones are there too. */
export function readForm(form: HTMLFormElement): Record<string, string> {
  const values: Record<string, string> = {}
  for (const [name, value] of new FormData(form)) if (typeof value === 'string') values[name] = value.trim()
  return values
}
