import { readFileSync, statSync } from 'node:fs'

/** The tables in which Linux lists connections and the user of each. */
const tables = ['/proc/net/tcp', '/proc/net/tcp6']

/**
 * Whether a program of another user is at the other end of a connection of this machine, such as a proxy, which runs as a user of its
 * own. Programs of root count as own, because root reads the database anyway. Only Linux tells; elsewhere it is `false`.
 *
 * @param ports those of the two ends: the other and ours.
 */
export function isOfOtherUser(ports: { readonly remote: number; readonly local: number }): boolean {
  try {
    const own = statSync('/proc/self').uid
    const users = tables.flatMap(table => usersOf(readFileSync(table, 'utf8'), ports))
    return users.some(user => user !== 0 && user !== own)
  } catch {
    // This system has no such tables.
    return false
  }
}

/** The users of the other end of a connection, as a table says. Two connections with the same ports are rare. */
export function usersOf(
  table: string,
  { remote, local }: { readonly remote: number; readonly local: number },
): number[] {
  const hex = (port: number): string => port.toString(16).toUpperCase().padStart(4, '0')
  const row = new RegExp(`^ *\\d+: \\w+:${hex(remote)} \\w+:${hex(local)} (?:\\S+ +){4}(\\d+) `, 'gm')
  return [...table.matchAll(row)].map(([, user]) => Number(user))
}
