import type { JSX } from 'preact'
import { toEnding } from '../endings.js'
import { formatSpan, formatTime } from '../parts/time.js'
import { leastGapText, padLeft, padRight } from './layout.js'
import { type PlaneProps, px } from './plane.js'
import { leastDistance, type Tick, toTicks } from './ticks.js'
import { formatGap, formatTick, shorten } from './words.js'

/** The times above, and the lines that lead down from them. */
export function Axis({ picture, layout: { scale }, seen }: PlaneProps): JSX.Element {
  const labels = ticksOf(picture, scale, seen).map(({ at, x, stepMs }) => {
    return { at, x, text: formatTick(at, stepMs, picture.start) }
  })
  return (
    <div class="tl-axis" aria-hidden="true">
      {labels
        .filter(({ x, text }) => x + text.length * characterWidth + 4 <= scale.width + padRight)
        .map(({ at, x, text }) => (
          <span key={at} class="tl-tick" style={{ left: px(x + padLeft) }} title={formatTime(at)}>
            {text}
          </span>
        ))}
    </div>
  )
}

/** The width of a character of a label, px. */
const characterWidth = 6.2

/** The ticks of what is seen, as far from each other as the longest label is wide. */
function ticksOf(
  picture: PlaneProps['picture'],
  scale: PlaneProps['layout']['scale'],
  { left, right }: PlaneProps['seen'],
): readonly Tick[] {
  const longest = formatTick(picture.end, scale.density * 1000 > leastDistance ? 1 : 1000, picture.start)
  const distance = Math.max(leastDistance, longest.length * characterWidth + 12)
  return toTicks(scale, left, right, toZone(picture.start), distance)
}

function toZone(at: number): number {
  const minutes = new Date(at).getTimezoneOffset()
  return Number.isNaN(minutes) ? 0 : -minutes * 60_000
}

/** Lines of the axis, idle gaps, and the moments at which somebody came or went, through all lanes. */
export function Ground({ picture, layout: { scale }, seen }: PlaneProps): JSX.Element {
  const ticks = ticksOf(picture, scale, seen)
  const gaps = scale.segments.filter(({ isGap, left, right }) => isGap && right >= seen.left && left <= seen.right)
  const signed = picture.bands.filter(({ session }) => session)
  return (
    <div class="tl-ground">
      {ticks.map(({ at, x }) => (
        <span key={at} class="tl-line" style={{ left: px(x + padLeft) }} />
      ))}
      {gaps.map(({ start, end, left, right }) => (
        <span
          key={start}
          class={`tl-gap${picture.lanes > 1 ? '' : ' is-low'}`}
          style={{ left: px(left + padLeft), width: px(right - left) }}
          title={`Nothing was recorded for ${formatSpan(end - start)}, from ${formatTime(start)} to ${formatTime(end)}`}
        >
          {right - left >= leastGapText && <span class="tl-gap-text">{formatGap(end - start, picture.lanes > 1)}</span>}
        </span>
      ))}
      {signed.map(({ start, end, isOwn, isOpen }) => [
        <span
          key={`in ${start}`}
          class={`tl-came${isOwn ? ' is-own' : ''}`}
          style={{ left: px(scale.toX(start) + padLeft) }}
        />,
        !isOpen && (
          <span
            key={`out ${end}`}
            class={`tl-went${isOwn ? ' is-own' : ''}`}
            style={{ left: px(scale.toX(end) + padLeft) }}
          />
        ),
      ])}
      {signed.some(({ isOpen }) => isOpen) && (
        <span class="tl-now" style={{ left: px(scale.width + padLeft) }}>
          <span>now</span>
        </span>
      )}
    </div>
  )
}

/** Who was there: the sessions of the visit, and the times in which nobody was signed in. */
export function Bands({ picture, layout: { scale } }: PlaneProps): JSX.Element {
  const firstSigned = picture.bands.findIndex(({ session }) => session)
  return (
    <div class="tl-bands">
      {picture.bands.map(({ session, start, end, isOwn, isOpen }, at) => {
        const left = scale.toX(start)
        const width = Math.max(session ? 3 : 0, scale.toX(end) - left)
        const state = session ? (isOwn ? 'is-own' : 'is-other') : 'is-nobody'
        const who = session
          ? shorten(session.identityId, 60)
          : at < firstSigned
            ? 'before signing in'
            : 'nobody signed in'
        return (
          <span
            key={`${start} ${at}`}
            class={`tl-band ${state}${isOpen ? ' is-open' : ''}`}
            style={{ left: px(left + padLeft), width: px(width) }}
            title={`${who}: ${formatTime(start)} to ${isOpen ? 'now' : formatTime(end)}, ${formatSpan(end - start)}`}
          >
            {width >= 34 && (
              <span class="tl-band-text">
                <bdi class="tl-who">{who}</bdi>
              </span>
            )}
            {session && width >= 200 && <span class="tl-ending">{toEnding(session.endDate, session.endReason)}</span>}
          </span>
        )
      })}
    </div>
  )
}
