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
    <svg class="share" aria-hidden="true">
      <rect class="share-place" width="100%" height="100%" />
      <rect class="share-bar" width={`${toPart(share)}%`} height="100%" />
      {before !== null && before > 0 && (
        // A line has its width in px, however wide the table is.
        <line class="share-before" x1={`${toPart(before)}%`} x2={`${toPart(before)}%`} y2="100%" />
      )}
    </svg>
  )
}
