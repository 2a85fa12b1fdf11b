import { createHash, randomBytes } from 'node:crypto'

/** Makes the text of a token or secret: 256 random bits, which nobody guesses. */
export function makeSecret(): string {
  return toWord(randomBytes(32))
}

/** Makes a write key: 96 random bits. It is public, but nobody should get that of another site by a typing error. */
export function makeKey(): string {
  return toWord(randomBytes(12))
}

/** Makes an id that no other process makes: 72 random bits. */
export function makeID(): string {
  return randomBytes(9).toString('base64url')
}

/** Writes bytes as a word that begins with a letter or digit: on a command line, one with a hyphen would be a flag. */
function toWord(bytes: Buffer): string {
  return bytes.toString('base64url').replace(/^[-_]/, 'k')
}

/** The digest of a token, as it is stored: SHA-256 in small hexadecimal digits. */
export function toDigest(token: string): string {
  return createHash('sha256').update(token).digest('hex')
}
