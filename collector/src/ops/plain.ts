/** Characters that cannot be seen, or that change what is seen: control characters, marks of direction, ends of lines. */
const unseen = /[\p{C}\p{Zl}\p{Zp}]/gu

/** The longest line about something foreign. The line of a policy may be long. */
const maxLine = 4000

/**
 * Makes a line for a terminal of a text that others may have chosen. What cannot be seen is written as an escape, so the text can
 * neither command the terminal nor look like a line of ours.
 */
export function toPlainLine(text: string): string {
  const line = text.length > maxLine ? `${text.slice(0, maxLine)}…` : text
  return line.replace(unseen, toEscape)
}

/**
 * Escapes what cannot be seen in a JSON text, so that a terminal shows it and does not obey it. The text means the same. Ends of lines
 * between its values stay.
 */
export function toPlainJson(text: string): string {
  return text.replace(unseen, shown => (shown === '\n' ? shown : toEscape(shown)))
}

function toEscape(shown: string): string {
  return shown.replaceAll(/[^]/g, unit => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`)
}
