/** The byte budget of requests under way. A body counts from its first byte until the request is answered. */
export interface Admission {
  /** Whether so many more bytes fit into the budget. Reserves nothing. */
  fits(bytes: number): boolean
  /** Starts to count one body. */
  open(): AdmittedBody
}

/** The bytes that one body has reserved. */
export interface AdmittedBody {
  /** Reserves so many more bytes. Returns `false`, and reserves nothing, if they do not fit. */
  reserve(bytes: number): boolean
  /** Releases all bytes of the body. */
  release(): void
}

/** @param maxBytes of all bodies together. This bounds the memory of a collector. */
export function createAdmission(maxBytes: number): Admission {
  let total = 0
  return {
    fits: bytes => total + bytes <= maxBytes,
    open() {
      let reserved = 0
      return {
        reserve(bytes) {
          if (total + bytes > maxBytes) return false
          total += bytes
          reserved += bytes
          return true
        },
        release() {
          total -= reserved
          reserved = 0
        },
      }
    },
  }
}
