import { keptForSmallShare, maxClientBodies, maxClientShare, maxSmallBodyBytes } from '../limits.js'

/** The byte budget of requests under way. A body counts from its first byte until the request is answered. */
export interface Admission {
  /**
   * Whether a body of so many bytes fits into the budget. Reserves nothing.
   *
   * @param client whose share counts too; `null` for none.
   */
  fits(bytes: number, client: string | null): boolean
  /** Starts to count one body of that client. */
  open(client: string | null): AdmittedBody
}

/** The bytes that one body has reserved. */
export interface AdmittedBody {
  /** Reserves so many more bytes. Returns `false`, and reserves nothing, if they do not fit. */
  reserve(bytes: number): boolean
  /** Releases all bytes of the body, and its place among the bodies of its client. */
  release(): void
}

/** What the bodies of one client have reserved. */
interface Share {
  bytes: number
  bodies: number
}

/**
 * Makes the byte budget. Bytes are reserved as they arrive and not as they are declared, because to declare them costs a
 * stranger nothing. A body above `maxSmallBodyBytes` is large. Large bodies cannot use the last quarter of the budget, so
 * that there is room for small ones. One client can use an eighth of it, and have `maxClientBodies` at once.
 *
 * @param maxBytes of all bodies together. This bounds the memory of a collector.
 */
export function createAdmission(maxBytes: number): Admission {
  const maxLargeBytes = maxBytes * (1 - keptForSmallShare)
  const maxClientBytes = maxBytes * maxClientShare
  const shares = new Map<string, Share>()
  let total = 0
  let large = 0

  /** Whether one body may grow from `reserved` to `size` bytes. */
  function mayGrow(reserved: number, size: number, share: Share | undefined): boolean {
    const more = size - reserved
    if (total + more > maxBytes || (share && share.bytes + more > maxClientBytes)) return false
    return size <= maxSmallBodyBytes || large + size - toLarge(reserved) <= maxLargeBytes
  }

  return {
    fits(bytes, client) {
      const share = client === null ? undefined : shares.get(client)
      return mayGrow(0, bytes, share) && (share?.bodies ?? 0) < maxClientBodies
    },
    open(client) {
      let reserved = 0
      const share = (client === null ? undefined : shares.get(client)) ?? { bytes: 0, bodies: 0 }
      share.bodies++
      if (client !== null) shares.set(client, share)
      return {
        reserve(bytes) {
          const size = reserved + bytes
          if (!mayGrow(reserved, size, client === null ? undefined : share)) return false
          large += toLarge(size) - toLarge(reserved)
          total += bytes
          share.bytes += bytes
          reserved = size
          return true
        },
        release() {
          large -= toLarge(reserved)
          total -= reserved
          share.bytes -= reserved
          share.bodies--
          reserved = 0
          if (client !== null && !share.bodies) shares.delete(client)
        },
      }
    },
  }
}

/** How many of so many bytes of one body count as those of a large one. */
function toLarge(size: number): number {
  return size > maxSmallBodyBytes ? size : 0
}
