import type { JSX } from 'preact'
import { useMemo, useState } from 'preact/hooks'
import { cut, toVisible } from '../parts/text.js'
import { formatCount } from '../parts/time.js'

/** Characters of a JSON text that are shown before all of it is asked for. */
const shortLength = 100_000

interface JsonTextProps {
  /** What it is, for screen readers. */
  readonly label: string
  readonly value: unknown
}

/** A value as JSON, with its names in another color. A long text is cut, with a button for the rest. */
export function JsonText({ label, value }: JsonTextProps): JSX.Element {
  const [isWhole, setWhole] = useState(false)
  const text = useMemo(() => toHarmless(JSON.stringify(value, null, 2) ?? 'null'), [value])
  const shown = isWhole ? text : cut(text, shortLength)
  return (
    <>
      {/* It scrolls, so the keyboard must reach it. */}
      {/* oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex */}
      <pre class="code json" tabIndex={0} role="region" aria-label={label}>
        <bdi>{isWhole || text.length > shortLength ? shown : paint(shown)}</bdi>
      </pre>
      {text.length > shortLength && (
        <button type="button" class="inline" onClick={() => setWhole(!isWhole)}>
          {isWhole ? 'less' : `all ${formatCount(text.length)} characters`}
        </button>
      )}
    </>
  )
}

/** Line ends of the JSON text are its own; those of its values are escaped already. */
function toHarmless(text: string): string {
  return text.split('\n').map(toVisible).join('\n')
}

/** The text in pieces: the names of members, and what is between them. */
function paint(text: string): readonly (JSX.Element | string)[] {
  const pieces = text.split(/("(?:[^"\\]|\\.)*"(?=:))/)
  return pieces.map((piece, at) => (at % 2 ? <b key={at}>{piece}</b> : piece))
}
