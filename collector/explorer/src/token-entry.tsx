import type { JSX } from 'preact'
import { useEffect, useRef, useState } from 'preact/hooks'
import { AskError, ask } from './api.js'
import { DocLink } from './parts/doc-link.js'
import { Field, readForm } from './parts/field.js'
import { keepToken, readToken } from './token.js'

/** Asks for a token, and tries it before the pages are shown. */
export function TokenEntry(): JSX.Element {
  const [problem, setProblem] = useState(readToken() ? 'The collector has not taken the token, or it has ended.' : '')
  const [isTrying, setTrying] = useState(false)
  const field = useRef<HTMLInputElement>(null)
  // `autofocus` counts only while a page loads, and the button that locks the explorer comes later.
  useEffect(() => field.current?.focus(), [])

  async function enter(event: Event): Promise<void> {
    event.preventDefault()
    const { token = '' } = readForm(event.currentTarget as HTMLFormElement)
    if (!token) return
    if (!/^[\x21-\x7e]+$/.test(token))
      return setProblem('A token has only letters, digits and signs. Was it copied whole?')
    setTrying(true)
    setProblem('')
    try {
      await ask('v1/token', { headers: { Authorization: `Bearer ${token}` } })
      keepToken(token)
    } catch (error) {
      const isWrong = error instanceof AskError && error.status === 401
      setProblem(isWrong ? 'The collector does not know this token, or it has ended.' : (error as Error).message)
      setTrying(false)
    }
  }

  return (
    <main id="main" class="gate">
      <h1>Enter a token</h1>
      <p class="soft">
        The collector shows what it has stored only with a token that has the right <code>read</code>. Whoever runs the
        collector makes one:
      </p>
      <pre class="code">sojourn-collector token add my-name</pre>
      <form class="gate-form" onSubmit={event => void enter(event)}>
        <Field label="Token">
          {id => (
            <input
              ref={field}
              id={id}
              name="token"
              type="password"
              autocomplete="off"
              required
              aria-describedby="token-problem"
            />
          )}
        </Field>
        <button disabled={isTrying}>{isTrying ? 'Trying …' : 'Open'}</button>
      </form>
      <p id="token-problem" class="problem" role="alert">
        {problem}
      </p>
      <p class="soft small">
        The token stays in this tab, and is forgotten when the tab is closed.{' '}
        <DocLink page="tokens">Rights and ends of tokens</DocLink>
      </p>
    </main>
  )
}
