import {
  brakeClients,
  brakeForgetMs,
  freeTries,
  maxBrakeMs,
  maxWaitingTries,
  maxWaitingTriesOfClient,
  minBrakeMs,
} from '../limits.js'

/** Slows clients that send wrong tokens, so that nobody tries many. An empty `client` is all those that cannot be told apart. */
export interface Brake {
  /**
   * Whether a client must not try now, because as many wrong tokens wait as may. Not even a right token is looked at
   * then: whoever tries many at a time would learn at once which one is right. What others try does not keep out a client whose
   * next wrong token costs no time, so strangers with many addresses cannot keep readers out.
   */
  isFull(client: string): boolean
  /** Counts a wrong token, and resolves when the client may have its reply. */
  wrong(client: string): { readonly failures: number; readonly over: Promise<void> }
  /** Forgets the wrong tokens of a client that has sent a right one. */
  right(client: string): void
}

interface Tries {
  failures: number
  waiting: number
  at: number
}

/**
 * Makes a brake. The first three wrong tokens of a client cost no time, because people mistype. Each further one waits
 * twice as long, up to eight seconds. After ten minutes without a wrong token, a client begins anew.
 *
 * @param now Unix epoch, ms.
 * @param wait resolves after so many milliseconds. If left out, it is a timer.
 */
export function createBrake(now: () => number, wait = waitFor): Brake {
  // The client that failed last is the last of the map.
  const clients = new Map<string, Tries>()
  let waiting = 0

  function triesOf(client: string): Tries {
    const found = clients.get(client)
    const isFresh = found && (found.waiting > 0 || now() - found.at < brakeForgetMs)
    const tries = isFresh ? found : { failures: 0, waiting: 0, at: 0 }
    clients.delete(client)
    clients.set(client, tries)
    if (clients.size > brakeClients) forgetOne()
    return tries
  }

  function forgetOne(): void {
    for (const [client, tries] of clients)
      if (!tries.waiting) {
        clients.delete(client)
        return
      }
  }

  function isSlowed(tries: Tries | undefined): boolean {
    return tries !== undefined && tries.failures >= freeTries && now() - tries.at < brakeForgetMs
  }

  async function slow(tries: Tries): Promise<void> {
    const turns = tries.failures - freeTries
    if (turns <= 0) return
    tries.waiting++
    waiting++
    await wait(Math.min(minBrakeMs * 2 ** (turns - 1), maxBrakeMs))
    tries.waiting--
    waiting--
  }

  return {
    isFull(client) {
      // Those that cannot be told apart must not shut each other out, as long as there is room for all.
      const most = client ? maxWaitingTriesOfClient : maxWaitingTries
      const tries = clients.get(client)
      return (waiting >= maxWaitingTries && isSlowed(tries)) || (tries?.waiting ?? 0) >= most
    },
    wrong(client) {
      const tries = triesOf(client)
      tries.failures++
      tries.at = now()
      return { failures: tries.failures, over: slow(tries) }
    },
    right(client) {
      if (!clients.get(client)?.waiting) clients.delete(client)
    },
  }
}

function waitFor(ms: number): Promise<void> {
  return new Promise(resolve => setTimeout(resolve, ms))
}
