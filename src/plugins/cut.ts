/** Cuts a text to so many characters. Half of a surrogate pair at its end is left out. */
export function cut(text: string, maxLength: number): string {
  return text.slice(0, maxLength).replace(/\p{Surrogate}$/u, '')
}
