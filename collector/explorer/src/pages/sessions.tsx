import type { JSX } from 'preact'
import { useTitle } from '../layout.js'

/** Not written yet. */
export function SessionsPage(_props: { readonly site: string }): JSX.Element {
  useTitle('Sessions')
  return <h1>Sessions</h1>
}
