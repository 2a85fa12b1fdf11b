import { elementOf, onWindow, type PluginTracker, plainAddress } from './plugin.js'

/**
 * Records what becomes of forms, and never what is written in them. `FormSubmitted` when the browser submits a form.
 * `FormAbandoned` when the page is left, or the form is gone, after somebody has written in it. Their data has the `form`: its
 * id, its name, or the path of its action; `FormAbandoned` also has the `field` that was written in last: its name or id.
 *
 * @returns the undo.
 * @example const undo = forms(tracker)
 */
export function forms(tracker: PluginTracker): () => void {
  const begun = new Map<HTMLFormElement, string>()

  function abandon(isLeft: boolean): void {
    for (const [form, field] of begun)
      if (isLeft || !form.isConnected) {
        begun.delete(form)
        tracker.track('FormAbandoned', { form: nameOf(form), field })
      }
  }
  const undo = onWindow(['input', 'submit', 'click'], function (event) {
    // A form that a router took away is noticed with the next thing that the person does.
    abandon(false)
    if (event.type === 'input') {
      const field = elementOf(event, 'input,select,textarea') as HTMLInputElement | null
      if (field && field.form) begun.set(field.form, field.name || field.id)
    } else if (event.type === 'submit') {
      const form = elementOf(event, 'form') as HTMLFormElement | null
      if (!form) return
      begun.delete(form)
      tracker.track('FormSubmitted', { form: nameOf(form) })
    }
  })
  const leave = (): void => abandon(true)
  window.addEventListener('pagehide', leave)
  return function () {
    undo()
    window.removeEventListener('pagehide', leave)
  }
}

/** An element of the form may have the name of one of its properties, so attributes are read. */
function nameOf(form: HTMLFormElement): string {
  const read = (name: string): string => form.getAttribute(name) || ''
  return read('id') || read('name') || plainAddress(read('action'))
}
