import type { JSX } from 'preact'
import { formatCount } from '../parts/time.js'
import type { Picture } from './picture.js'
import { shorten } from './words.js'

/** What colors and shapes mean. */
export function Legend({ picture, colors }: { picture: Picture; colors: ReadonlyMap<string, number> }): JSX.Element {
  const counts = new Map<string, number>()
  for (const { event, isSystem } of picture.marks)
    if (!isSystem) counts.set(event.eventName, (counts.get(event.eventName) ?? 0) + 1)
  const named = [...colors].filter(([, color]) => color > 0)
  const others = [...colors].filter(([, color]) => color === 0)
  const otherCount = others.reduce((sum, [name]) => sum + (counts.get(name) ?? 0), 0)
  return (
    <ul class="tl-legend">
      {named.map(([name, color]) => (
        <li key={name} class={`tl-color-${color}`}>
          <i class="tl-key" />
          <bdi>{shorten(name, 32)}</bdi> <span class="soft number">{formatCount(counts.get(name) ?? 0)}</span>
        </li>
      ))}
      {otherCount > 0 && (
        <li class="tl-color-0">
          <i class="tl-key" />
          others <span class="soft number">{formatCount(otherCount)}</span>
        </li>
      )}
      <li>
        <i class="tl-key is-active" /> active
      </li>
      <li>
        <i class="tl-key is-there" /> page open
      </li>
      {picture.marks.some(({ isOwn }) => !isOwn) && (
        <li>
          <i class="tl-key is-before" /> not signed in
        </li>
      )}
    </ul>
  )
}
