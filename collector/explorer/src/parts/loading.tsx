import type { ComponentChildren, JSX } from 'preact'
import type { Asked } from '../use-ask.js'
import { ErrorNote } from './error.js'

/** Grey lines in place of what is on its way. They show only after a moment, so that a fast answer does not flicker. */
export function Loading({ lines = 8, what }: { readonly lines?: number; readonly what: string }): JSX.Element {
  return (
    <div class="loading" role="status">
      <span class="only-read">Loading {what}</span>
      {Array.from({ length: lines }, (_, n) => (
        <span key={n} class="loading-line" aria-hidden="true" />
      ))}
    </div>
  )
}

interface AnswerProps<Reply> {
  readonly asked: Asked<Reply>
  /** What is on its way, in words. */
  readonly what: string
  /** Lines of the place that is kept for it. */
  readonly lines?: number
  readonly children: (data: Reply) => ComponentChildren
}

/** What was asked for: loading, an error with a way on, or the data. Data that is being asked for anew stays, paler. */
export function Answer<Reply>({ asked, what, lines, children }: AnswerProps<Reply>): JSX.Element {
  const { data, error, isLoading, again } = asked
  if (error) return <ErrorNote error={error} again={again} />
  if (data === undefined) return <Loading what={what} {...(lines !== undefined && { lines })} />
  return (
    <div class={`answer${isLoading ? ' is-stale' : ''}`} aria-busy={isLoading}>
      {children(data)}
    </div>
  )
}
