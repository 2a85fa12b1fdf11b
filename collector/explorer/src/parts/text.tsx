import type { JSX } from 'preact'
import { useState } from 'preact/hooks'

/** Characters of a text that are shown before it is asked for in full. */
const shortLength = 200

/** Characters that are seen as nothing, or that turn the text around them. A joiner belongs to an emoji. */
const hidden = /[\p{Cc}\u061c\u200b\u200c\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb]/gu

/**
 * Makes characters visible that could mislead the reader: control characters become their symbols (`␛`), and what hides
 * or turns text becomes its number (`[U+202E]`). A lone surrogate becomes `�`. A text of spaces alone is shown as `␣`.
 */
export function toVisible(value: string): string {
  if (value !== '' && value.trim() === '') return '\u2423'.repeat(Math.min(value.length, 40))
  return value.toWellFormed().replace(hidden, character => {
    const code = character.charCodeAt(0)
    if (code < 0x20) return String.fromCharCode(0x2400 + code)
    if (code === 0x7f) return '\u2421'
    return `[U+${code.toString(16).toUpperCase().padStart(4, '0')}]`
  })
}

/** The first characters of a text, without half of a pair. */
export function cut(value: string, length: number): string {
  const part = value.slice(0, length)
  return part.isWellFormed() ? part : part.slice(0, -1)
}

interface TextProps {
  readonly value: string
  /** Characters that are shown at first. @default 200 */
  readonly max?: number
  /** Shown in place of an empty text. @default – */
  readonly empty?: string
  /** Within a link or a button there can be no button, so the rest is only in the title. */
  readonly isPlain?: boolean
}

/**
 * A text of anybody, shown harmlessly: as text only, its direction does not leave it, what cannot be seen is made visible,
 * and a long one is cut, with a button for the rest.
 */
export function Text({ value, max = shortLength, empty = '–', isPlain = false }: TextProps): JSX.Element {
  const [isWhole, setWhole] = useState(false)
  if (value === '') return <span class="soft">{empty}</span>
  if (value.length <= max) return <bdi class="text">{toVisible(value)}</bdi>
  if (isPlain)
    return (
      <bdi class="text" title={toVisible(cut(value, 2000))}>
        {toVisible(cut(value, max))}…
      </bdi>
    )
  return (
    <span class="long-text">
      <bdi class="text">{toVisible(isWhole ? value : cut(value, max))}</bdi>
      {!isWhole && '… '}
      <button type="button" class="inline" aria-expanded={isWhole} onClick={() => setWhole(!isWhole)}>
        {isWhole ? 'less' : `all ${value.length.toLocaleString('en')} characters`}
      </button>
    </span>
  )
}

/** The path and query of an address of the web, or the whole text if it is none. */
export function toShortAddress(address: string): string {
  return /^https?:\/\/[^/?#]+(?=[/?#])/i.test(address) ? address.replace(/^https?:\/\/[^/?#]+/i, '') : address
}
