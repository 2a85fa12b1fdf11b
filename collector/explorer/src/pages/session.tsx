import type { JSX } from 'preact'
import { useTitle } from '../layout.js'
import { Text } from '../parts/text.js'

/** One session. */
export function SessionPage({ sessionID }: { readonly site: string; readonly sessionID: string }): JSX.Element {
  useTitle('Session')
  return (
    <h1>
      Session <Text value={sessionID} />
    </h1>
  )
}
