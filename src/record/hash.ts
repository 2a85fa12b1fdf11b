/**
 * A short text for a text: the same in every tab. Two texts may share it, so it stands only where that is harmless or
 * next to an id. FNV-1a, 32 bits, in base 36.
 */
export function hash(text: string): string {
  let sum = 0x811c9dc5
  for (let n = 0; n < text.length; n++) sum = Math.imul(sum ^ text.charCodeAt(n), 0x1000193)
  return (sum >>> 0).toString(36)
}
