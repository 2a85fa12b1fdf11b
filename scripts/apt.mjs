// Installs Debian packages for tests, if that is allowed.
import { execFile, execFileSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { promisify } from 'node:util'

/** Whether this process may install packages with apt. */
export const mayInstall = process.getuid?.() === 0 && existsSync('/usr/bin/apt-get')

// Debian starts a freshly installed server. The policy file prevents that during the installation, because the tests
// start their own servers.
const install = `
  deny=/usr/sbin/policy-rc.d
  [ -e $deny ] || { printf '#!/bin/sh\\nexit 101\\n' > $deny; chmod 755 $deny; trap 'rm -f '$deny EXIT; trap 'exit 1' HUP INT TERM; }
  apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "$@"`

/** Installs the packages if that is allowed. The caller checks whether the programs exist, and reports it if not. */
export function installPackages(...names) {
  if (!mayInstall) return
  console.log(`Installing ${names.join(', ')} …`)
  try {
    execFileSync('sh', ['-c', install, 'sh', ...names], { stdio: 'ignore', timeout: 240_000 })
  } catch {
    console.log(`apt could not install ${names.join(', ')}`)
  }
}

/** Installs packages in the background, if that is allowed. It never rejects, and the caller checks as above. */
export async function installBeside(...names) {
  if (!mayInstall) return
  console.log(`Installing ${names.join(', ')} in the background …`)
  await promisify(execFile)('sh', ['-c', install, 'sh', ...names], { timeout: 240_000 }).catch(() =>
    console.log(`apt could not install ${names.join(', ')}`),
  )
}
