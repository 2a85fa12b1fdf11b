/** Room for bodies on their way in: what is read, checked and waits for its commit counts until it is answered. */
export interface Intake {
  /** Whether there is room for so many bytes more; nothing is taken by asking. */
  hasRoom(bytes: number): boolean
  /** Takes room for the bytes of one body as they come. */
  open(): Room
}

/** The room that one body takes. */
export interface Room {
  /** Takes so many bytes more; `false`: there is no room for them. */
  take(bytes: number): boolean
  /** Gives back all that was taken. */
  leave(): void
}

/** @param maxBytes of all bodies together: what keeps the memory of a collector flat, whatever comes. */
export function createIntake(maxBytes: number): Intake {
  let all = 0
  return {
    hasRoom: bytes => all + bytes <= maxBytes,
    open() {
      let own = 0
      return {
        take(bytes) {
          if (all + bytes > maxBytes) return false
          all += bytes
          own += bytes
          return true
        },
        leave() {
          all -= own
          own = 0
        },
      }
    },
  }
}
