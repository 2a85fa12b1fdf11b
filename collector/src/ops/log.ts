import { type Logger, pino } from 'pino'
import { toLogError } from './log-error.js'
import type { HideSecrets } from './secrets.js'

/** How much is logged: this level and what is worse. */
export type LogLevel = (typeof logLevels)[number]

export const logLevels = ['silent', 'fatal', 'error', 'warn', 'info', 'debug'] as const

/**
 * The log: a line of JSON for each thing that happened, with `time`, `level` and `msg`. It contains no personal data: no
 * identity, no address of a page or of a visitor, and no key or token.
 */
export type Log = Pick<Logger, 'fatal' | 'error' | 'warn' | 'info' | 'debug'>

/** Whether a text is a level. */
export function isLogLevel(text: string): text is LogLevel {
  return (logLevels as readonly string[]).includes(text)
}

/**
 * Makes the log. An error is given as `{ err }`; what is written of it is what `toLogError` makes.
 *
 * @param write is called with each line, without its line break. It is called at once, so that no line is lost when the
 *   process ends.
 */
export function createLog(level: LogLevel, write: (line: string) => void, hide: HideSecrets): Log {
  const options = {
    level,
    base: null,
    timestamp: pino.stdTimeFunctions.isoTime,
    formatters: { level: (label: string) => ({ level: label }) },
    serializers: { err: (cause: unknown) => toLogError(cause, hide) },
  }
  return pino(options, { write: (line: string) => write(line.trimEnd()) })
}
