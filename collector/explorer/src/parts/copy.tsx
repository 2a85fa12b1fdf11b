import type { JSX } from 'preact'
import { useRef, useState } from 'preact/hooks'

/** Lines to copy, with a button. Where a browser lets no page copy, the lines are selected instead. */
export function Copy({ text, what }: { readonly text: string; readonly what: string }): JSX.Element {
  const place = useRef<HTMLPreElement>(null)
  const [said, setSaid] = useState('')

  async function copy(): Promise<void> {
    try {
      await navigator.clipboard.writeText(text)
      setSaid('Copied')
    } catch {
      // Only pages with TLS may copy, and those of this computer.
      if (place.current) getSelection()?.selectAllChildren(place.current)
      setSaid('Selected: copy it with the keyboard')
    }
  }

  return (
    <div class="copy">
      {/* Long lines scroll, so they can be reached by the keyboard. */}
      {/* oxlint-disable-next-line no-noninteractive-tabindex */}
      <pre ref={place} class="code" tabIndex={0} role="region" aria-label={what}>
        {text}
      </pre>
      <p class="actions">
        <button type="button" class="quiet" onClick={() => void copy()}>
          Copy {what}
        </button>
        <span class="small soft" role="status">
          {said}
        </span>
      </p>
    </div>
  )
}
