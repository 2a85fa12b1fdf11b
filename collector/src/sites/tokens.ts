import { createHash, randomBytes } from 'node:crypto'

/** Makes the text of a token or secret: 256 random bits, which nobody guesses. */
export function makeSecret(): string {
  return randomBytes(32).toString('base64url')
}

/** Makes a write key: 96 random bits. It is public, but nobody should get that of another site by a typing error. */
export function makeKey(): string {
  return randomBytes(12).toString('base64url')
}

/** The digest of a token, as it is stored: SHA-256 in small hexadecimal digits. */
export function toDigest(token: string): string {
  return createHash('sha256').update(token).digest('hex')
}
