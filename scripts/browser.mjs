import { execFileSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { chromium } from '@playwright/test'

const places = [
  process.env.SOJOURN_CHROMIUM,
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
  '/Applications/Chromium.app/Contents/MacOS/Chromium',
  'C:\\Program Files\\Google\\Chrome\\Application\\chrome.exe',
]

/** The browser's path, if there is one: `SOJOURN_CHROMIUM`, the one that Playwright has installed, or the system's. */
export function findChromium() {
  return [places[0], chromium.executablePath(), ...places.slice(1)].find(path => path && existsSync(path))
}

/** Finds Chromium, or installs it: with Playwright, else with apt where we may. Ends the process, with one line, if neither works. */
export function needChromium() {
  const found = findChromium()
  if (found) return found
  console.log('No Chromium found: installing one …')
  const attempts = [
    ['npx', ['playwright', 'install', 'chromium']],
    ['sh', ['-c', 'apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq chromium']],
  ]
  for (const [command, args] of attempts) {
    try {
      execFileSync(command, args, { stdio: ['ignore', 'ignore', 'ignore'], timeout: 240_000 })
    } catch {
      // The next way, or the sentence below.
    }
    const path = findChromium()
    if (path) return path
  }
  console.error(
    'There is no Chromium, and neither "npx playwright install chromium" nor apt could install one. Install Chromium or Chrome, or set SOJOURN_CHROMIUM to its path.',
  )
  process.exit(1)
}

/** Switches that keep a test browser quiet; without a sandbox only where Chromium could not start otherwise. */
export const chromiumArgs = [
  ...(process.getuid?.() === 0 ? ['--no-sandbox'] : []),
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
]
