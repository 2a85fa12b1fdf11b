import type { ComponentChildren, JSX } from 'preact'

/** Where nothing is to be shown: says why in a title, and below what can be done. */
export function Empty({
  title,
  children,
}: {
  readonly title: string
  readonly children?: ComponentChildren
}): JSX.Element {
  return (
    <div class="empty">
      <p class="empty-title">{title}</p>
      {children}
    </div>
  )
}
