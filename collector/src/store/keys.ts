import { createHash } from 'node:crypto'

/** The longest id that is a key itself, in bytes. A hash is one longer, so that no id can be the hash of another. */
export const maxKeyBytes = 43

/**
 * Makes the key of an id that many rows repeat: those of visits, sessions and identities. A short id is its own key. A
 * longer one is hashed, because each event would repeat it, so that a small request could fill the store.
 */
export function toKey(id: string): string {
  const isShort = id.length <= maxKeyBytes && (id.length * 3 <= maxKeyBytes || Buffer.byteLength(id) <= maxKeyBytes)
  return isShort ? id : `~${createHash('sha256').update(id).digest('base64url')}`
}

/** The id, if its key is a hash. The row of the resource itself keeps it. */
export function toLong(id: string, key: string): string | null {
  return id === key ? null : id
}
