import { elementOf, onWindow, type PluginTracker, plainAddress } from './plugin.js'

/**
 * Records what becomes of forms, and never what is written in them. `FormSubmitted` when a form is submitted, also by `submit()` of
 * a script. `FormAbandoned` when the page is left, or the form is gone, after somebody has written in it, and no script has read it
 * as `FormData` since. Their data has the `form`: its id, its name, or the path of its action; `FormAbandoned` also has the
 * `field` that was written in last: its name or id.
 *
 * @returns the undo.
 * @example const undo = forms(tracker)
 */
export function forms(tracker: PluginTracker): () => void {
  /** The field that was written in last; `null`: the form was read out since. */
  const begun = new Map<HTMLFormElement, string | null>()
  /** Ends what listens in shadow roots. */
  const end = new AbortController()

  /** @param field `null`: the form is submitted. */
  function tell(form: HTMLFormElement, field: string | null): void {
    begun.delete(form)
    const data = { form: nameOf(form) }
    if (field === null) tracker.track('FormSubmitted', data)
    else tracker.track('FormAbandoned', { ...data, field })
  }
  function take(event: Event): void {
    const type: string = event.type
    // A form that a router took away is noticed with the next thing that the person does.
    for (const [form, field] of begun)
      if (type === 'pagehide' || !Reflect.get(Node.prototype, 'isConnected', form)) tell(form, field)
    if (type === 'input') {
      const field = elementOf(event, 'input,select,textarea') as HTMLInputElement | null
      if (!field || !field.form) return
      begun.set(field.form, field.name || field.id)
      const root = field.getRootNode()
      // These two events do not leave a shadow root.
      if (root !== document) for (const one of ['submit', 'formdata']) root.addEventListener(one, take, end)
    } else if (type !== 'click') {
      const form = elementOf(event, 'form') as HTMLFormElement | null
      if (!form) return
      if (type === 'submit') tell(form, null)
      else if (begun.has(form)) begun.set(form, null)
    }
  }
  const undo = onWindow(['input', 'submit', 'click', 'formdata', 'pagehide' as 'click'], take)
  return function () {
    end.abort()
    undo()
  }
}

/** An element of the form may have the name of one of its properties. */
function nameOf(form: HTMLFormElement): string {
  const read = (name: string): string => Element.prototype.getAttribute.call(form, name) || ''
  return read('id') || read('name') || plainAddress(read('action'))
}
