import type { Tracker } from './api.js'
import type { TrackerOptions } from './options.js'
import { createTracker } from './tracker.js'

type Call = ArrayLike<unknown>

/**
 * The global `sojourn`. It is a function that takes the name of a verb, and it has the verbs as methods. `q` holds the
 * calls that the page made before this script ran.
 */
type Sojourn = ((verb: keyof Tracker, ...args: unknown[]) => unknown) & Partial<Tracker> & { q?: Call[] }

/**
 * Reads the options from the `data-` attributes: `data-idle-limit-ms="60000"` is the option `idleLimitMs`. Numbers and
 * true/false become values of their type. An attribute without a value is true.
 */
function readOptions(script: HTMLScriptElement | null): TrackerOptions {
  const options: Record<string, unknown> = { collector: script ? new URL(script.src).origin : '' }
  for (const [name, text] of Object.entries(script ? script.dataset : {})) {
    const isText = name === 'key' || name === 'collector' || name === 'consent'
    const isTrue = text === 'true' || text === ''
    options[name] = isText ? text : isTrue || (text === 'false' ? false : isNaN(Number(text)) ? text : Number(text))
  }
  return options as unknown as TrackerOptions
}

function start(): void {
  const { sojourn: early } = window as { sojourn?: Sojourn }
  // A page may hold the tag twice. Only the first tag starts a tracker.
  if (early && early.track) return
  const tracker = createTracker(readOptions(document.currentScript as HTMLScriptElement | null))
  const call: Sojourn = (verb, ...args) => {
    const run = tracker[verb] as ((...args: unknown[]) => unknown) | undefined
    return run ? run(...args) : tracker.track(undefined as unknown as string)
  }
  Object.assign(window, { sojourn: Object.assign(call, tracker) })
  for (const args of (early && early.q) || []) {
    const [verb, ...rest] = Array.from(args)
    call(verb as keyof Tracker, ...rest)
  }
}

try {
  start()
} catch (error) {
  // No listener can exist yet, so only the console can say that an attribute of the tag is wrong.
  // oxlint-disable-next-line no-console
  console.error(`sojourn: ${(error as Error).message}`)
}
