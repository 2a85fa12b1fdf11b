import type { JSX } from 'preact'
import { DocLink } from '../parts/doc-link.js'
import { pluginWords } from './plugin-words.js'

/** The tag that somebody wants. */
export interface Wanted {
  readonly plugins: readonly string[]
  readonly isPinned: boolean
}

interface TagFormProps extends Wanted {
  /** The plugins that there are. */
  readonly known: readonly string[]
  readonly onChange: (wanted: Wanted) => void
}

/** Boxes to tick: what the tag records by itself, and whether it has the hash of the script. */
export function TagForm({ known, plugins, isPinned, onChange }: TagFormProps): JSX.Element {
  const toggle = (name: string): void => {
    const rest = plugins.filter(one => one !== name)
    onChange({ isPinned, plugins: rest.length < plugins.length ? rest : [...plugins, name].sort() })
  }
  return (
    <>
      <fieldset class="tag-plugins">
        <legend>Record by itself, besides page views</legend>
        <DocLink page="plugins">What each records</DocLink>
        {known.map(name => (
          <label key={name} class="check">
            <input type="checkbox" checked={plugins.includes(name)} onChange={() => toggle(name)} />
            <span>
              <b>{name}</b> <span class="soft">{pluginWords[name]}</span>
            </span>
          </label>
        ))}
      </fieldset>
      <label class="check">
        <input type="checkbox" checked={isPinned} onChange={() => onChange({ plugins, isPinned: !isPinned })} />
        <span>
          <b>Pin this version</b>{' '}
          <span class="soft">
            A browser then runs no other bytes (SRI). It gets nothing new until you paste a new tag, and goes on
            recording.
          </span>
        </span>
      </label>
    </>
  )
}
