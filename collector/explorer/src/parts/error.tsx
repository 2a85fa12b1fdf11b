import type { JSX } from 'preact'
import type { AskError } from '../api.js'
import { keepToken } from '../token.js'

/** What a person can do about an error, by its code. */
const sentences: Readonly<Record<string, string>> = {
  'wrong-right': 'This token may not do that. Ask whoever runs the collector for one with the right.',
  'wrong-site': 'This token does not cover this site.',
  'unknown-site': 'The collector has no site with this name.',
  'not-found': 'The collector does not have it. It may have been erased, or be too old to be kept.',
  'store-failed': 'The database of the collector does not answer. Nothing is lost: browsers keep what they owe.',
  'unknown-host': 'Without a token, the explorer opens only at an address of this computer, such as 127.0.0.1.',
  forwarded: 'Behind a proxy the collector answers only with a token.',
  'too-many-tries': 'Too many wrong tokens were tried. Wait a minute.',
}

/** An error in place of what was asked for, with a way on. */
export function ErrorNote({ error, again }: { readonly error: AskError; readonly again: () => void }): JSX.Element {
  const isRight = error.code.startsWith('wrong-')
  return (
    <div class="error" role="alert">
      <p class="error-title">{sentences[error.code] ?? error.message}</p>
      {error.code && sentences[error.code] && <p class="soft">{error.message}</p>}
      <p class="actions">
        <button type="button" onClick={again}>
          Try again
        </button>
        {isRight && (
          <button type="button" class="quiet" onClick={() => keepToken('')}>
            Enter another token
          </button>
        )}
      </p>
    </div>
  )
}
