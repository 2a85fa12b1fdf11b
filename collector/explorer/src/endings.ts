import { shorten } from './timeline/words.js'

/** How a session can end, in words. */
export const endReasons: Readonly<Record<string, string>> = {
  'signed-out': 'signed out',
  idle: 'idle',
  abandoned: 'abandoned',
  replaced: 'replaced',
  limit: 'too long',
  unknown: 'not told',
}

/** What the word for an ending means. */
const endingHints: Readonly<Record<string, string>> = {
  idle: 'Nothing was done for the idle limit, and the browser ended the session.',
  abandoned: 'The browser never said how the session ended. It counts as over since its last activity.',
  replaced: 'Another identity signed in, which ended this session.',
  limit: 'The session reached the longest time that a session may take.',
  unknown: 'The browser said when the session ended, but not how.',
}

/** The word for an ending, or the reason itself if there is none. A page may give any reason, `constructor` too. */
export function nameEnding(reason: string): string {
  return (Object.hasOwn(endReasons, reason) && endReasons[reason]) || reason
}

/** What the word for an ending means; empty if that is not known. */
export function hintEnding(reason: string): string {
  return (Object.hasOwn(endingHints, reason) && endingHints[reason]) || ''
}

/** Whether a session is open, or how it ended. */
export function toEnding(endDate: number | null, endReason: string | null): string {
  if (!endDate) return 'open'
  return shorten(nameEnding(endReason || 'unknown'), 40)
}
