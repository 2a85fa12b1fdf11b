import type { JSX } from 'preact'

interface BarProps {
  /** From 0 to 1: the length, of the whole place. */
  readonly share: number
  /** The same of the period before, as a mark. */
  readonly before?: number | null
}

const toPart = (share: number): number => (share > 0 ? Math.min(100, share * 100) : 0)

/** A bar beside a number of a table. Who cannot see it has the number. */
export function Bar({ share, before = null }: BarProps): JSX.Element {
  return (
    <svg class="share" viewBox="0 0 100 10" preserveAspectRatio="none" aria-hidden="true">
      <rect class="share-place" width="100" height="10" />
      <rect class="share-bar" width={toPart(share)} height="10" />
      {before !== null && before > 0 && (
        <rect class="share-before" x={Math.max(0, toPart(before) - 0.6)} width="0.6" height="10" />
      )}
    </svg>
  )
}
