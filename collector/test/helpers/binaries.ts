import { execFileSync } from 'node:child_process'
import { existsSync, readdirSync } from 'node:fs'
import { delimiter, join } from 'node:path'

/** The programs of PostgreSQL. */
export interface Binaries {
  /** The folder of `postgres`, `initdb`, `pg_ctl` and the other programs. */
  readonly bin: string
  /** The major version. */
  readonly version: number
}

/** What to do if PostgreSQL was not found; part of messages. */
export const postgresHint = 'install PostgreSQL 13 or newer, or set SOJOURN_POSTGRES to the folder of its programs'

/**
 * Finds PostgreSQL in the folder `SOJOURN_POSTGRES`. If that is not set, finds the newest version in PATH and in the
 * folders of Debian, Red Hat and Homebrew.
 *
 * @returns `null` if there is no version 13 or newer.
 */
export function findPostgres(): Binaries | null {
  const asked = process.env.SOJOURN_POSTGRES
  const places = asked
    ? [asked]
    : [
        ...(process.env.PATH ?? '').split(delimiter),
        ...below('/usr/lib/postgresql', 'bin'),
        ...below('/usr', 'bin', /^pgsql-/),
        ...below('/opt/homebrew/opt', 'bin', /^postgresql/),
        ...below('/usr/local/opt', 'bin', /^postgresql/),
      ]
  const found = places.filter(place => ['postgres', 'initdb', 'psql'].every(name => existsSync(join(place, name))))
  const known = found.map(bin => ({ bin, version: versionOf(bin) })).filter(({ version }) => version >= 13)
  return known.toSorted((a, b) => b.version - a.version)[0] ?? null
}

function below(folder: string, name: string, pattern = /./): string[] {
  if (!existsSync(folder)) return []
  return readdirSync(folder).flatMap(entry => (pattern.test(entry) ? [join(folder, entry, name)] : []))
}

function versionOf(bin: string): number {
  try {
    return Number(/\d+/.exec(execFileSync(join(bin, 'postgres'), ['--version'], { encoding: 'utf8' }))?.[0])
  } catch {
    // The program cannot run here, so it counts as not found.
    return 0
  }
}
