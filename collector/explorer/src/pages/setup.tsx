import type { JSX } from 'preact'
import { useTitle } from '../layout.js'

/** Not written yet. */
export function SetupPage(_props: { readonly site: string }): JSX.Element {
  useTitle('Setup')
  return <h1>Setup</h1>
}
