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
export const endingHints: Readonly<Record<string, string>> = {
  idle: 'Nothing was done for the idle limit, and the browser ended the session.',
  abandoned: 'The browser never said how the session ended. It counts as over since its last activity.',
  replaced: 'Another identity signed in, which ended this session.',
  limit: 'The session reached the longest time that a session may take.',
  unknown: 'The browser said when the session ended, but not how.',
}

/** Whether a session is open, or how it ended. */
export function toEnding(endDate: number | null, endReason: string | null): string {
  if (!endDate) return 'open'
  return endReasons[endReason || 'unknown'] ?? shorten(endReason ?? '', 40)
}
