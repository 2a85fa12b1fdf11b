import type { JSX } from 'preact'
import { useTitle } from '../layout.js'
import { Text } from '../parts/text.js'

interface IdentityProps {
  readonly site: string
  readonly identityId: string
  /** The rights of the token: what may be offered. */
  readonly rights: readonly string[]
}

/** One identity. */
export function IdentityPage({ identityId }: IdentityProps): JSX.Element {
  useTitle('Identity')
  return (
    <h1>
      <Text value={identityId} />
    </h1>
  )
}
