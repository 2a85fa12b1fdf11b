import { busyRetryAfterSeconds } from '../limits.js'
import { makeRetryReply, toResponse } from '../reply/reply.js'
import type { ReplyPace, RequestEnv, SentReply } from './client.js'

/** Large replies to reads that are made or sent at a time. One takes up to about 30 MiB. Databases read four at a time. */
export const readsAtOnce = 8
/**
 * Numbers that are counted or sent at a time. One reads for up to half a second, and nothing else is read on its connection meanwhile. So
 * PostgreSQL has a connection left, and a read of SQLite has few before it.
 */
export const numbersAtOnce = 3
/** Exports of persons at a time. One takes about as much, for as long as it lasts. */
export const exportsAtOnce = 2
/** How long a request waits for its turn. */
const waitMs = 10_000
/** Requests that may wait. */
const maxWaiting = 200
/**
 * While somebody waits, a client that is slower than this loses its place, and its connection. Who takes a byte now and then would
 * keep the place for hours otherwise. The largest list may take about two minutes.
 */
const pace: ReplyPace = { stalledMs: 3000, graceMs: 10_000, bytesPerSecond: 64 * 1024 }

/** Bounds how many replies are made and sent at a time, because each may take as much memory as a reply may have. */
export interface ReadRoom {
  /**
   * Makes a reply when it is its turn. Its place is free again when the reply was sent, when nobody waits for it any more, or when its
   * client is slow to take it while others wait. If too many wait, or if the turn does not come in time, the reply is 503 `busy`.
   */
  answer(env: Partial<RequestEnv> | undefined, make: () => Promise<Response>): Promise<Response>
}

/** Makes a room with so many places. */
export function createReadRoom(places: number): ReadRoom {
  const waiting: ((isTurn: boolean) => void)[] = []
  const sent = new Set<SentReply>()
  let taken = 0

  async function enter(): Promise<boolean> {
    if (taken < places) {
      taken++
      return true
    }
    if (waiting.length >= maxWaiting) return false
    const { promise, resolve } = Promise.withResolvers<boolean>()
    waiting.push(resolve)
    for (const reply of sent) reply.hurry(pace)
    const timer = setTimeout(() => {
      waiting.splice(waiting.indexOf(resolve), 1)
      resolve(false)
    }, waitMs)
    const isTurn = await promise
    clearTimeout(timer)
    return isTurn
  }

  function leave(reply: SentReply | undefined): void {
    if (reply) sent.delete(reply)
    const next = waiting.shift()
    if (next) next(true)
    else taken--
  }

  return {
    async answer(env, make) {
      if (!(await enter())) return makeBusy()
      const reply = env?.reply
      if (reply) sent.add(reply)
      if (waiting.length) reply?.hurry(pace)
      try {
        // A client that has disconnected while it waited would not read the reply.
        return reply?.isClosed() ? makeBusy() : await make()
      } finally {
        if (reply) reply.onClose(() => leave(reply))
        else leave(undefined)
      }
    },
  }
}

function makeBusy(): Response {
  return toResponse(makeRetryReply('busy', 'too many such replies are being made', busyRetryAfterSeconds))
}
