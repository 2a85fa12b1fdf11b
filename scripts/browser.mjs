import { execFileSync, spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { chromium } from '@playwright/test'
import { installPackages, mayInstall } from './apt.mjs'

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

const firefoxPlaces = [
  '/usr/bin/firefox-esr',
  '/usr/bin/firefox',
  '/Applications/Firefox.app/Contents/MacOS/firefox',
  'C:\\Program Files\\Mozilla Firefox\\firefox.exe',
]

/** Firefox's path, or `null`: `SOJOURN_FIREFOX`, or the system's. An empty `SOJOURN_FIREFOX` stands for no Firefox. */
export function findFirefox() {
  const { SOJOURN_FIREFOX: chosen } = process.env
  return (chosen === undefined ? firefoxPlaces : [chosen]).find(path => path && existsSync(path)) ?? null
}

/** Python with the bindings of WebKitGTK: Debian's own, because it alone sees Debian's bindings. */
export const webkitPython = '/usr/bin/python3'

/** Python's path if it can drive WebKitGTK and there is a display server for it, or `null`. `SOJOURN_WEBKIT` is the answer of an earlier call. */
export function findWebkit() {
  const { SOJOURN_WEBKIT: known } = process.env
  if (known !== undefined) return known || null
  if (!existsSync(webkitPython) || spawnSync('Xvfb', ['-help'], { stdio: 'ignore' }).error) return null
  const versions = "import gi; gi.require_version('Gtk', '3.0'); gi.require_version('WebKit2', '4.1')"
  const { status } = spawnSync(webkitPython, ['-c', `${versions}; from gi.repository import WebKit2`], {
    stdio: 'ignore',
  })
  return status === 0 ? webkitPython : null
}

function need(title, find, packages, variable) {
  const found = find()
  if (found) return found
  installPackages(...packages)
  const path = find()
  const why = mayInstall ? ', and apt could not install it' : ''
  if (!path)
    console.log(
      `\n  There is no ${title} here${why}: its cases are not run. They need ${packages.join(', ')}${variable}.\n`,
    )
  return path
}

/** Finds Firefox, or installs it with apt where we may. Says so in one sentence and returns `null` if neither works. */
export const needFirefox = () => need('Firefox', findFirefox, ['firefox-esr'], ', or its path in SOJOURN_FIREFOX')

/** Finds WebKitGTK and what drives it, or installs them with apt where we may. Says so in one sentence and returns `null` if neither works. */
export const needWebkit = () => need('WebKitGTK', findWebkit, ['gir1.2-webkit2-4.1', 'python3-gi', 'xvfb'], '')

/** What the test runs are told about the browsers: where they are, empty where they are not. */
export function needBrowsers() {
  return {
    SOJOURN_CHROMIUM: needChromium(),
    SOJOURN_FIREFOX: needFirefox() ?? '',
    SOJOURN_WEBKIT: needWebkit() ?? '',
  }
}
