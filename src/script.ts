import type { Tracker } from './api.js'
import { isDeveloperMachine } from './browser/host.js'
import { startTracker } from './living.js'
import { parseOptions, type TrackerOptions } from './options.js'

type Call = ArrayLike<unknown>
type Verb = (...args: unknown[]) => unknown

/**
 * The global `sojourn`. It is a function that takes the name of a verb, and it has the verbs as methods. `q` holds the
 * calls that the page made before the first script ran, and `all` the trackers with their keys.
 *
 * A verb goes to the tracker of every tag. A question goes to that of the first tag, and so do `status` and what a verb
 * gives back.
 */
type Sojourn = ((verb: keyof Tracker, ...args: unknown[]) => unknown) &
  Partial<Tracker> & { q?: Call[]; all?: [key: string, tracker: Tracker][] }

/**
 * Reads the options from the `data-` attributes: `data-idle-limit-ms="60000"` is the option `idleLimitMs`. Numbers and
 * true/false become values of their type. An attribute without a value is true. The collector is where the script is.
 *
 * Frameworks, proxies and consent banners add attributes of their own. What is like no option is theirs.
 */
function readOptions(script: HTMLScriptElement | undefined): TrackerOptions {
  const { src = '', dataset: given = {} } = script || {}
  // A script whose text stands in the page has no address.
  const options: Record<string, unknown> = { collector: src && new URL('.', src).href }
  for (const name of Object.keys(given)) {
    const text = given[name]
    const isText = name === 'key' || name === 'collector' || name === 'consent'
    const isTrue = text === 'true' || text === ''
    options[name] = isText ? text : isTrue || (text === 'false' ? false : isNaN(Number(text)) ? text : Number(text))
  }
  return options as unknown as TrackerOptions
}

/** Drops the options that are unknown and like none that is known. @throws TrackerError if one is wrong. */
function dropForeign(options: TrackerOptions): TrackerOptions {
  const { unknown } = parseOptions(options, document.baseURI)
  for (const name of unknown) Reflect.deleteProperty(options, name)
  return options
}

/** Loads the inspector from where the script is, if the tag allows it and the address of the page asks for it. */
function inspect({ src, dataset, nonce }: HTMLScriptElement): void {
  if (dataset.inspect === undefined || !/[?&]sojourn-inspect/.test(document.URL)) return
  const tag = document.createElement('script')
  tag.src = new URL('inspector.js', src).href
  tag.nonce = nonce
  tag.dataset.key = dataset.key
  document.documentElement.append(tag)
}

/** The tags that this script may be of. A module, and a script whose text another script runs, is not told its own. */
function findTags(): (HTMLScriptElement | undefined)[] {
  const { currentScript } = document
  if (currentScript) return [currentScript as HTMLScriptElement]
  const found = document.querySelectorAll<HTMLScriptElement>(
    'script[data-key][src][type=module],script[data-key][src*=sojourn]',
  )
  return found.length ? [...found] : [undefined]
}

/** The global. What else may have its name: the stub, an element with this id, or anything of the page. */
function readGlobal(): Sojourn {
  const { sojourn } = window as unknown as { sojourn?: Sojourn }
  const isFunction = typeof sojourn === 'function'
  if (isFunction && sojourn.all) return sojourn
  const all: [string, Tracker][] = []
  const call: Sojourn = (verb, ...args) => {
    const [first] = all as [[string, Tracker]]
    const isQuestion = /^(observe|status|sessions?|events|pages|visits|records)$/.test(verb)
    const given = (isQuestion ? [first] : all).map(([, tracker]) => run(tracker, verb, args))
    return verb === 'onError' ? () => given.forEach(undo => (undo as Verb)()) : given[0]
  }
  return Object.assign(call, { all, q: isFunction && Array.isArray(sojourn.q) ? sojourn.q : [] })
}

/** Runs a verb. What is none is reported as an event without a name. */
function run(tracker: Tracker, verb: keyof Tracker, args: unknown[]): unknown {
  return tracker[verb] ? (tracker[verb] as Verb)(...args) : tracker.track(undefined as unknown as string)
}

function start(script: HTMLScriptElement | undefined): void {
  const sojourn = readGlobal()
  const { all = [], q = [] } = sojourn
  const options = dropForeign(readOptions(script))
  const tracker = startTracker(options)
  // A page may hold a tag twice. A tag that is added again has started the tracker again if it was stopped.
  if (all.some(([key]) => key === options.key)) return
  all.push([options.key, tracker])
  for (const verb of Object.keys(tracker) as (keyof Tracker)[])
    Object.assign(sojourn, { [verb]: (...args: unknown[]) => sojourn(verb, ...args) })
  // A page may have a global that cannot be assigned. Then it has no verbs, and is recorded all the same.
  Reflect.set(window, 'sojourn', sojourn)
  // The tracker of each tag hears the calls that were made before the first one ran.
  for (const args of q) {
    const [verb, ...rest] = Array.prototype.slice.call(args || []) as [keyof Tracker, ...unknown[]]
    run(tracker, verb, rest)
  }
  if (script) inspect(script)
}

for (const tag of findTags()) {
  try {
    start(tag)
  } catch (error) {
    // No listener can exist yet, so only the console can say that an attribute of the tag is wrong.
    const debug = tag?.dataset.debug
    // oxlint-disable-next-line no-console -- only on a developer's machine, or asked for by `debug`
    if (debug == null ? isDeveloperMachine() : debug !== 'false') console.error(`sojourn: ${(error as Error).message}`)
  }
}
