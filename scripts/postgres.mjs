import { execFileSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { findPostgres, postgresHint } from '../collector/test/helpers/binaries.ts'

const isRoot = process.getuid?.() === 0
let isThere

// What is installed here is started by us alone: Debian's own start of a fresh server is turned down meanwhile.
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
    // Whoever needs it looks whether it is there, and says so if it is not.
  }
}

/**
 * Finds PostgreSQL for the tests, or installs its programs with apt where we may. Where neither works it says so, once,
 * and what needs it is skipped and counted.
 *
 * @returns whether it is there.
 */
export function needPostgres() {
  if (isThere !== undefined) return isThere
  if (!findPostgres()) installPackage('postgresql')
  isThere = findPostgres() !== null
  if (!isThere)
    console.log(
      `\n  There is no PostgreSQL here${isRoot ? ', and apt could not install one' : ''}.\n` +
        '  What needs one is not run: the store on PostgreSQL, its proofs, failover, several collectors on it.\n' +
        `  To run it, ${postgresHint}.\n`,
    )
  return isThere
}

/** Looks for PgBouncer, or installs it where we may; without it one proof is skipped, and says so. */
export function wantPgbouncer() {
  if (!existsSync('/usr/sbin/pgbouncer')) installPackage('pgbouncer')
}
