/** Escapes of NUL and of halves of a surrogate pair, in a JSON text that `JSON.stringify` has written. */
const unreadable = /(?<!\\)((?:\\\\)*)\\u(?:0000|d[89a-f][\da-f]{2})/g

/**
 * Writes a value as JSON that every reader takes. Data may contain NUL and halves of surrogate pairs, which
 * `JSON.stringify` escapes, and at which DuckDB and others give up the whole file. U+FFFD stands for them.
 */
export function toJsonText(value: unknown): string {
  return JSON.stringify(value).replace(unreadable, '$1\ufffd')
}
