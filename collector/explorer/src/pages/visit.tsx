import type { JSX } from 'preact'
import { useTitle } from '../layout.js'
import { Text } from '../parts/text.js'

/** One visit. */
export function VisitPage({ visitID }: { readonly site: string; readonly visitID: string }): JSX.Element {
  useTitle('Visit')
  return (
    <h1>
      Visit <Text value={visitID} />
    </h1>
  )
}
