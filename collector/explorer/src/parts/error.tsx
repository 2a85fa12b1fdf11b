import type { JSX } from 'preact'
import type { AskError } from '../api.js'
import { goTo } from '../route.js'
import { keepToken } from '../token.js'
import { DocLink, type docPages } from './doc-link.js'
import { Empty } from './empty.js'

/** What a person can do about an error, by its code. */
const sentences: Readonly<Record<string, string>> = {
  'wrong-right': 'This token may not do that. Ask whoever runs the collector for one with the right.',
  'wrong-site': 'This token does not cover this site.',
  'unknown-site': 'The collector has no site with this name.',
  'store-failed': 'The database of the collector does not answer. Nothing is lost: browsers keep what they owe.',
  'unknown-host': 'Without a token, the explorer opens only at an address of this computer, such as 127.0.0.1.',
  'cross-site': 'A page of another site may not show this. Open it at its own address.',
  forwarded: 'Behind a proxy the collector answers only with a token.',
  'too-many-tries': 'Too many wrong tokens were tried. Wait a minute.',
}

/** Where the documentation says more, by the code of the error, and what the link is called. */
const more: Readonly<Record<string, readonly [page: keyof typeof docPages, title: string]>> = {
  'wrong-right': ['tokens', 'Rights of tokens'],
  'wrong-site': ['tokens', 'Sites of tokens'],
  'store-failed': ['alarms', 'What to do'],
  'unknown-host': ['tokens', 'How to make a token'],
  forwarded: ['tokens', 'How to make a token'],
  '': ['alarms', 'What to do'],
}

/** An error in place of what was asked for, with a way on. */
export function ErrorNote({ error, again }: { readonly error: AskError; readonly again: () => void }): JSX.Element {
  if (error.code === 'not-found')
    return (
      <section class="panel" role="alert">
        <Empty title="The collector does not have it">
          <p>It was erased, or is too old to be kept, or has not arrived yet.</p>
          <button type="button" class="quiet" onClick={again}>
            Look again
          </button>
        </Empty>
      </section>
    )
  const isRight = error.code.startsWith('wrong-')
  // The same address gets the same answer again.
  const isOfAddress = error.status === 400 && error.code.endsWith('-invalid') && location.search !== ''
  const [page, title] = more[error.code] ?? []
  return (
    <div class="error" role="alert">
      <p class="error-title">{sentences[error.code] ?? error.message}</p>
      {error.code && sentences[error.code] && <p class="soft">{error.message}</p>}
      <p class="actions">
        {isOfAddress ? (
          <button type="button" onClick={() => goTo(location.pathname)}>
            Start without filters
          </button>
        ) : (
          <button type="button" onClick={again}>
            Try again
          </button>
        )}
        {isRight && (
          <button type="button" class="quiet" onClick={() => keepToken('')}>
            Enter another token
          </button>
        )}
        {page && <DocLink page={page}>{title}</DocLink>}
      </p>
    </div>
  )
}
