import { existsSync } from 'node:fs'
import { findPostgres, postgresHint } from '../collector/test/helpers/binaries.ts'
import { installPackages, mayInstall } from './apt.mjs'

let isThere

/**
 * Finds PostgreSQL for the tests. As root on Debian, installs it if it is missing. If PostgreSQL is not available, prints
 * that once; tests that need it are skipped and counted.
 *
 * @returns whether PostgreSQL is available.
 */
export function needPostgres() {
  if (isThere !== undefined) return isThere
  if (!findPostgres()) installPackages('postgresql')
  isThere = findPostgres() !== null
  if (!isThere)
    console.log(
      `\n  PostgreSQL was not found${mayInstall ? ', and apt could not install it' : ''}.\n` +
        '  These tests are not run: the store on PostgreSQL, its proofs, failover, several collectors on it.\n' +
        `  To run them, ${postgresHint}.\n`,
    )
  return isThere
}

/** Finds PgBouncer, or installs it as root on Debian. Without it, one proof is skipped with a message. */
export function wantPgbouncer() {
  if (!existsSync('/usr/sbin/pgbouncer')) installPackages('pgbouncer')
}
