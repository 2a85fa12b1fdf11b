import { existsSync, linkSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import type { Tombstone, TombstoneState } from '../store/rights.js'

/**
 * Writes tombstones into a new file, which only this user may read, because it has the secret.
 *
 * @throws if there is a file of that name already, or if it cannot be written.
 */
export function writeTombstones(path: string, { secret, rows }: TombstoneState): void {
  if (existsSync(path)) throw new Error('it exists already')
  // Nothing is left under its name if the disk is full.
  const part = `${path}.part`
  try {
    writeFileSync(part, `${JSON.stringify({ v: 1, secret, tombstones: rows })}\n`, { mode: 0o600, flush: true })
    linkSync(part, path)
  } finally {
    rmSync(part, { force: true })
  }
}

/**
 * Reads what `writeTombstones` has written.
 *
 * @throws TypeError if it is no such file. The message never contains the content.
 */
export function parseTombstones(path: string): TombstoneState {
  const found = parse(readFileSync(path, 'utf8'))
  const { v, secret, tombstones } = (found ?? {}) as Record<string, unknown>
  if (v !== 1 || typeof secret !== 'string' || !Array.isArray(tombstones) || !tombstones.every(isTombstone))
    throw new TypeError('it is not a file of tombstones')
  if (tombstones.length && !secret) throw new TypeError('its secret is missing')
  return { n: 0, secret, rows: tombstones }
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    // The message of the parser would repeat a part of the secret.
    return null
  }
}

function isTombstone(found: unknown): found is Tombstone {
  const { site, kind, hash, erasedAt, fromAt, untilAt } = (found ?? {}) as Record<string, unknown>
  return (
    typeof site === 'string' &&
    /^(identity|session|visit)$/.test(String(kind)) &&
    typeof hash === 'string' &&
    [erasedAt, fromAt, untilAt].every(time => Number.isSafeInteger(time))
  )
}
