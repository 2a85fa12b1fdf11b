/** Room for bodies on their way in: what is read, checked and waits for its commit counts until it is answered. */
export interface Intake {
  /** Whether there is room for so many bytes more; if so they are taken until `leave`. */
  enter(bytes: number): boolean
  leave(bytes: number): void
}

/** @param maxBytes of all bodies together: what keeps the memory of a collector flat, whatever comes. */
export function createIntake(maxBytes: number): Intake {
  let taken = 0
  return {
    enter(bytes) {
      if (taken + bytes > maxBytes) return false
      taken += bytes
      return true
    },
    leave(bytes) {
      taken -= bytes
    },
  }
}
