import { promises } from 'node:fs'
import type { Socket } from 'node:net'

/** The tables in which Linux lists connections and the user of each. */
const tables = ['/proc/net/tcp', '/proc/net/tcp6']

/** What was found out, because a table has a row for each connection of the last minute. */
const known = new WeakMap<Socket, Promise<boolean>>()

/**
 * Whether a program of another user is at the other end of a connection of this machine, such as a proxy, which runs as a user of its
 * own. Programs of root count as own, because root reads the database anyway. Only Linux tells; elsewhere it is `false`. It is
 * looked up once for each connection.
 */
export function isOfOtherUser(socket: Socket): Promise<boolean> {
  const found = known.get(socket) ?? lookUp(socket)
  known.set(socket, found)
  return found
}

async function lookUp({ remotePort: remote = 0, localPort: local = 0 }: Socket): Promise<boolean> {
  try {
    const { uid: own } = await promises.stat('/proc/self')
    const texts = await Promise.all(tables.map(table => promises.readFile(table, 'utf8')))
    return texts.flatMap(text => usersOf(text, { remote, local })).some(user => user !== 0 && user !== own)
  } catch {
    // This system has no such tables.
    return false
  }
}

/**
 * The users of the other end of a connection, as a table says. Two connections with the same ports are rare.
 *
 * @param ports those of the two ends: the other and ours.
 */
export function usersOf(
  table: string,
  { remote, local }: { readonly remote: number; readonly local: number },
): number[] {
  const hex = (port: number): string => port.toString(16).toUpperCase().padStart(4, '0')
  const row = new RegExp(`^ *\\d+: \\w+:${hex(remote)} \\w+:${hex(local)} (?:\\S+ +){4}(\\d+) `, 'gm')
  return [...table.matchAll(row)].map(([, user]) => Number(user))
}
