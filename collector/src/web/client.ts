import { isIP } from 'node:net'
import { maxProxies } from '../limits.js'

/** The headers of a request, with names in small letters. */
export type RequestHeaders = Readonly<Record<string, string | readonly string[] | undefined>>

/** What a server tells a collector about a request, besides the request itself. */
export interface RequestEnv {
  /** The address of the client, as `clientOf` gives it; empty if it is not known. */
  readonly client: string
  /** Whether a program of another user of this machine has sent it. If left out, nobody knows. */
  readonly isOfOtherUser?: () => Promise<boolean>
  /** The reply as the server sends it. If left out, nobody knows when it was sent. */
  readonly reply?: SentReply
}

/** A reply on its way to the client. */
export interface SentReply {
  /** Whether it was sent, or cannot be sent any more because the client has left. */
  readonly isClosed: () => boolean
  /** Calls `run` when that is so; at once, if it is so now. */
  readonly onClose: (run: () => void) => void
  /** Closes the connection from now on if its client is slower than this. Calling it again changes nothing. */
  readonly hurry: (pace: ReplyPace) => void
  /** Closes the connection, because the rest of the reply cannot be made. The client sees that the reply is not whole. */
  readonly cut: () => void
}

/** How fast a client must take a reply. */
export interface ReplyPace {
  /** How long it may take nothing, ms. */
  readonly stalledMs: number
  /** How long it may take for all that there is of the reply, ms, besides a second for each `bytesPerSecond`. */
  readonly graceMs: number
  readonly bytesPerSecond: number
}

/**
 * The address of the client: that of the connection, or the one that trusted proxies name. Each proxy adds the address of
 * which it got the request at the right end of the header. So the client is the last address that is not of a trusted
 * proxy, and what the client itself wrote further left does not count. A proxy writes `X-Forwarded-For` or `Forwarded`, and may
 * pass on the other one as the client wrote it. So if they name two clients, neither counts.
 *
 * @param socketAddress of the other end of the connection; `undefined` if it is closed.
 * @param trustProxy whether the header of a connection from this address may be believed.
 * @returns an address of IPv4 or IPv6 in small letters; empty if it is not known.
 */
export function clientOf(
  socketAddress: string | undefined,
  headers: RequestHeaders,
  trustProxy: (address: string) => boolean,
): string {
  const proxy = toAddress(socketAddress ?? '')
  if (!proxy || !trustProxy(proxy)) return proxy
  const [one = proxy, other = one] = chainsOf(headers).map(chain => lastUntrusted(chain, proxy, trustProxy))
  return one === other ? one : proxy
}

/** The last address of a chain that is not of a trusted proxy. @param proxy the address of the connection. */
function lastUntrusted(chain: readonly string[], proxy: string, trustProxy: (address: string) => boolean): string {
  let client = proxy
  for (const named of chain.slice(-maxProxies).reverse()) {
    const address = toAddress(named)
    // A proxy may name no address: `unknown`, or a word of its own. Then the proxy is the last that is known.
    if (!address) return client
    client = address
    if (!trustProxy(client)) return client
  }
  return client
}

/** The addresses that proxies have added, first to last, as each header has them that is there. */
function chainsOf(headers: RequestHeaders): string[][] {
  const simple = toText(headers['x-forwarded-for'])
  const standard = toText(headers.forwarded)
  const hops = standard.split(',').map(hop => /(?:^|;)\s*for\s*=\s*("[^"]*"|[^;\s]*)/i.exec(hop)?.[1] ?? '')
  return [...(simple ? [simple.split(',')] : []), ...(standard ? [hops] : [])]
}

function toText(header: string | readonly string[] | undefined): string {
  return typeof header === 'string' ? header : (header ?? []).join()
}

/** Reads an address as sockets and proxies write it: with a port, in brackets, in quotes, or as IPv4 mapped to IPv6. */
function toAddress(text: string): string {
  const bare = text
    .trim()
    .replace(/^"(.*)"$/, '$1')
    .toLowerCase()
  const address = /^\[(.*)\](?::\d+)?$/.exec(bare)?.[1] ?? /^([\d.]+):\d+$/.exec(bare)?.[1] ?? bare
  const plain = address.replace(/%.*$/, '').replace(/^::ffff:(?=[\d.]+$)/, '')
  return isIP(plain) ? plain : ''
}
