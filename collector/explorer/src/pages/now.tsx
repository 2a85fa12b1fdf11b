import type { JSX } from 'preact'
import { useTitle } from '../layout.js'

/** Not written yet. */
export function NowPage(_props: { readonly site: string }): JSX.Element {
  useTitle('Now')
  return <h1>Now</h1>
}
