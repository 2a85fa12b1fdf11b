import type { HideSecrets } from './secrets.js'

/** What is logged of an error. */
export interface LogError {
  readonly type: string
  readonly message: string
  /** A code of Node, SQLite or PostgreSQL. */
  readonly code?: string
  /** Where it was thrown: the lines of the stack, without the message. */
  readonly stack?: string
  readonly cause?: LogError
}

/** Causes of causes that are logged. A chain may be a circle. */
const maxCauses = 5

/**
 * Makes what is logged of an error. Other fields of errors are left out, because drivers put rows, URLs and whole
 * connections there. A message that repeats stored or received data (a constraint, a cast, JSON) loses what it quotes.
 *
 * @param hide takes secrets out of the message.
 */
export function toLogError(thrown: unknown, hide: HideSecrets, depth = 1): LogError {
  if (!(thrown instanceof Error)) return { type: typeof thrown, message: 'something was thrown that is no error' }
  const { name, message, stack = '', cause, code } = thrown as Error & { readonly code?: unknown }
  const frames = stack.split('\n').filter(line => /^\s+at /.test(line))
  return {
    type: name,
    message: hide(quotesData(thrown) ? withoutQuotes(message) : message),
    ...(typeof code === 'string' ? { code } : {}),
    ...(frames.length ? { stack: hide(frames.map(line => line.trim()).join('\n')) } : {}),
    ...(cause === undefined || depth >= maxCauses ? {} : { cause: toLogError(cause, hide, depth + 1) }),
  }
}

// SQLSTATE classes 21, 22 and 23 may name values. JSON and URL errors of V8 quote the text.
function quotesData({ name, cause, code }: Error & { readonly code?: unknown }): boolean {
  const isOfData = (text: unknown): boolean => typeof text === 'string' && /^2[123]...$|^ERR_INVALID_URL$/.test(text)
  const of = cause as { readonly code?: unknown } | undefined
  return /^(SyntaxError|DataError|URIError)$/.test(name) || isOfData(code) || isOfData(of?.code)
}

function withoutQuotes(message: string): string {
  return message.replace(/["'“«(][^]*["'”»)]/g, '…')
}
