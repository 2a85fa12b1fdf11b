import type { JSX } from 'preact'
import { useTitle } from '../layout.js'

/** Not written yet. */
export function NumbersPage(_props: { readonly site: string }): JSX.Element {
  useTitle('Numbers')
  return <h1>Numbers</h1>
}
