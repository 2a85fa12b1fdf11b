import { execFileSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { findPostgres, postgresHint } from '../collector/test/helpers/binaries.ts'

const isRoot = process.getuid?.() === 0
let isThere

// Debian starts a freshly installed server. The policy file prevents that during the installation, because the tests
// start their own servers.
const install = `
  deny=/usr/sbin/policy-rc.d
  [ -e $deny ] || { printf '#!/bin/sh\\nexit 101\\n' > $deny; chmod 755 $deny; trap 'rm -f '$deny EXIT; trap 'exit 1' HUP INT TERM; }
  apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "$1"`

function installPackage(name) {
  if (!isRoot || !existsSync('/usr/bin/apt-get')) return
  console.log(`No ${name} found: installing it …`)
  try {
    execFileSync('sh', ['-c', install, 'sh', name], { stdio: 'ignore', timeout: 240_000 })
  } catch {
    // The caller checks whether the program exists, and reports it if not.
  }
}

/**
 * Finds PostgreSQL for the tests. As root on Debian, installs it if it is missing. If PostgreSQL is not available,
 * prints that once; tests that need it are skipped and counted.
 *
 * @returns whether PostgreSQL is available.
 */
export function needPostgres() {
  if (isThere !== undefined) return isThere
  if (!findPostgres()) installPackage('postgresql')
  isThere = findPostgres() !== null
  if (!isThere)
    console.log(
      `\n  PostgreSQL was not found${isRoot ? ', and apt could not install it' : ''}.\n` +
        '  These tests are not run: the store on PostgreSQL, its proofs, failover, several collectors on it.\n' +
        `  To run them, ${postgresHint}.\n`,
    )
  return isThere
}

/** Finds PgBouncer, or installs it as root on Debian. Without it, one proof is skipped with a message. */
export function wantPgbouncer() {
  if (!existsSync('/usr/sbin/pgbouncer')) installPackage('pgbouncer')
}
