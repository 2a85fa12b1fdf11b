import { execFileSync, spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { chromium } from '@playwright/test'
import { installBeside, installPackages, mayInstall } from './apt.mjs'

const places = [
  process.env.SOJOURN_CHROMIUM,
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
  '/Applications/Chromium.app/Contents/MacOS/Chromium',
  'C:\\Program Files\\Google\\Chrome\\Application\\chrome.exe',
]

/**
 * Finds Chromium: `SOJOURN_CHROMIUM`, or the one that Playwright has installed, or the system's. @returns its path, if
 * any.
 */
export function findChromium() {
  return [places[0], chromium.executablePath(), ...places.slice(1)].find(path => path && existsSync(path))
}

/** Finds Chromium, or installs it with Playwright or apt. If neither works, prints a message and ends the process. */
export function needChromium() {
  const found = findChromium()
  if (found) return found
  console.log('Chromium was not found. Installing it …')
  const attempts = [
    ['npx', ['playwright', 'install', 'chromium']],
    ['sh', ['-c', 'apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq chromium']],
  ]
  for (const [command, args] of attempts) {
    try {
      execFileSync(command, args, { stdio: ['ignore', 'ignore', 'ignore'], timeout: 240_000 })
    } catch {
      // The next attempt may work. If none does, the message below is printed.
    }
    const path = findChromium()
    if (path) return path
  }
  console.error(
    'Chromium was not found, and neither "npx playwright install chromium" nor apt could install it. Install Chromium or Chrome, or set SOJOURN_CHROMIUM to its path.',
  )
  process.exit(1)
}

/** Where Playwright puts the headless shell, if it has put Chromium at `path`. */
export function shellBeside(path) {
  const parts = /^(.*)chromium(-\d+.)chrome(-[\w-]+.)/.exec(path)
  const end = process.platform === 'win32' ? '.exe' : ''
  return (
    parts && `${parts[1]}chromium_headless_shell${parts[2]}chrome-headless-shell${parts[3]}chrome-headless-shell${end}`
  )
}

/**
 * Finds the headless shell: Chromium without windows. It has the same pages, storage and network, and takes a third less
 * processor time. But it shows all tabs, and has no back/forward cache. `SOJOURN_CHROMIUM_SHELL` holds its path; empty
 * means none. There is none either beside a browser that was chosen with `SOJOURN_CHROMIUM`.
 *
 * @returns its path, or `null`.
 */
export function findShell() {
  const { SOJOURN_CHROMIUM_SHELL: chosen, SOJOURN_CHROMIUM: whole } = process.env
  const isFree = chosen === undefined && !whole
  const places = isFree
    ? [shellBeside(chromium.executablePath()), '/usr/lib/chromium/chromium-headless-shell']
    : [chosen]
  return places.find(path => path && existsSync(path)) ?? null
}

/** Pages of each window's own address bar. They took a quarter of the processor time of the tests. */
const offInWindow = ['WebUIOmniboxPopup', 'WebUIOmniboxAimPopup']
/** What Playwright turns off for its tests. Chromium takes only the last list, so that ours would undo it. */
const offInPlaywright = [
  'AvoidUnnecessaryBeforeUnloadCheckSync',
  'DestroyProfileOnBrowserClose',
  'DialMediaRouteProvider',
  'GlobalMediaControls',
  'HttpsUpgrades',
  'LensOverlay',
  'MediaRouter',
  'PaintHolding',
  'ThirdPartyStoragePartitioning',
  'BlockOriginHeaderModificationOnRedirect',
  'AvoidCorsURLLoaderRestartOnRedirect',
  'Translate',
  'AutoDeElevate',
  'OptimizationHints',
  'NetworkTimeServiceQuerying',
  'AimEnabled',
]

/** Switches that turn off background work of a test browser. As root, Chromium starts only without its sandbox. */
export const chromiumArgs = [
  ...(process.getuid?.() === 0 ? ['--no-sandbox'] : []),
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  `--disable-features=${offInWindow.join()}`,
]

/** The same for a browser that Playwright launches. */
export const launchArgs = [...chromiumArgs, `--disable-features=${[...offInWindow, ...offInPlaywright].join()}`]

const firefoxPlaces = [
  '/usr/bin/firefox-esr',
  '/usr/bin/firefox',
  '/Applications/Firefox.app/Contents/MacOS/firefox',
  'C:\\Program Files\\Mozilla Firefox\\firefox.exe',
]

/**
 * Finds Firefox: `SOJOURN_FIREFOX`, or the system's. An empty `SOJOURN_FIREFOX` means no Firefox. @returns its path or
 * `null`.
 */
export function findFirefox() {
  const { SOJOURN_FIREFOX: chosen } = process.env
  return (chosen === undefined ? firefoxPlaces : [chosen]).find(path => path && existsSync(path)) ?? null
}

/** The Python of Debian, because only it finds Debian's bindings of WebKitGTK. */
export const webkitPython = '/usr/bin/python3'

/**
 * Checks whether Python can drive WebKitGTK, and whether Xvfb is installed. `SOJOURN_WEBKIT` holds the result of an
 * earlier check; empty means no.
 *
 * @returns the path of Python, or `null`.
 */
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
      `\n  ${title} was not found${why}. Its cases are not run. They need ${packages.join(', ')}${variable}.\n`,
    )
  return path
}

/** Finds Firefox, or installs it with apt if that is allowed. If neither works, prints a message and returns `null`. */
export const needFirefox = () => need('Firefox', findFirefox, ['firefox-esr'], ', or its path in SOJOURN_FIREFOX')

/**
 * Finds WebKitGTK and Xvfb, or installs them with apt if that is allowed. If neither works, prints a message and
 * returns `null`.
 */
export const needWebkit = () => need('WebKitGTK', findWebkit, ['gir1.2-webkit2-4.1', 'python3-gi', 'xvfb'], '')

/** Finds or installs all browsers. @returns environment variables with their paths, empty for a browser that is missing. */
export function needBrowsers() {
  return {
    SOJOURN_CHROMIUM: needChromium(),
    SOJOURN_FIREFOX: needFirefox() ?? '',
    SOJOURN_WEBKIT: needWebkit() ?? '',
  }
}

/**
 * Finds the headless shell, or installs it in the background. Debian has it in a package of its own. Where there is none,
 * the tests take the whole browser.
 *
 * @returns an environment variable with its path; empty if there is none.
 */
export async function needShell() {
  if (!findShell() && needChromium() === '/usr/bin/chromium') await installBeside('chromium-headless-shell')
  return { SOJOURN_CHROMIUM_SHELL: findShell() ?? '' }
}
