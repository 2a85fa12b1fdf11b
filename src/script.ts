import type { Tracker } from './api.js'
import { isDeveloperMachine } from './browser/host.js'
import { startTracker } from './living.js'
import { hooks, parseOptions, type TrackerOptions } from './options.js'
import type { TagPlugin } from './tag/attributes.js'

/** The plugins that come in this file. The build puts none here, and a collector those that the address names. */
declare const sojournPlugins: Plugins
type Plugins = Readonly<Record<string, TagPlugin>>
const included = sojournPlugins

type Call = ArrayLike<unknown>
type Verb = (...args: unknown[]) => unknown

/**
 * The global `sojourn`. It is a function that takes the name of a verb, and it has the verbs as methods. `q` holds the
 * calls that the page made before the first script ran, and `all` the trackers with their keys and what ends their plugins.
 *
 * A verb goes to the tracker of every tag. A question goes to that of the first tag, and so do `status` and what a verb
 * gives back.
 */
type Sojourn = ((verb: keyof Tracker, ...args: unknown[]) => unknown) & Partial<Tracker> & { q?: Call[]; all?: Entry[] }
type Entry = readonly [key: string, tracker: Tracker, undos: (() => void)[]]

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
    // These options are functions, which no attribute can be. Another script may know `data-url`.
    if (hooks.some(hook => hook === name)) continue
    const isText = /^(key|collector|consent|visitorDomain)$/.test(name)
    options[name] = isText
      ? text
      : !text || text === 'true' || (text === 'false' ? false : isNaN(Number(text)) ? text : Number(text))
  }
  return options as unknown as TrackerOptions
}

/** Drops the options that are unknown and like none that is known. @throws TrackerError if one is wrong. */
function dropForeign(options: TrackerOptions): TrackerOptions {
  const { unknown } = parseOptions(options, document.baseURI)
  for (const name of unknown) Reflect.deleteProperty(options, name)
  return options
}

/**
 * Loads a file from where the script is, but not for a tag with `integrity`: its page has said which bytes may run. Trusted
 * Types forbid to give an element an address, and do not look at `import`, which the policy of the page allows as it has
 * allowed this script.
 */
async function load(name: string, { src = '', integrity }: Partial<HTMLScriptElement>): Promise<{ default: Plugins }> {
  if (integrity) throw Error(`integrity: ${name} is not loaded`)
  return import(new URL(name, src).href) as Promise<{ default: Plugins }>
}

/** Opens the inspector if the tag allows it and the address of the page asks for it. */
function inspect(script: HTMLScriptElement): void {
  const { dataset } = script
  if (dataset.inspect === undefined || !/[?&]sojourn-inspect/.test(document.URL)) return
  const element = document.createElement('sojourn-inspector')
  element.setAttribute('key', dataset.key as string)
  document.documentElement.append(element)
  load('inspector.js', script).catch(error => complain(dataset, error))
}

/**
 * Starts the plugins of a tag: those that `data-plugins` names, or else all that came in this file. What did not come in it
 * is loaded.
 */
function plug([, tracker, undos]: Entry, script: Partial<HTMLScriptElement>): void {
  const { dataset = {} } = script
  const names = new Set(dataset.plugins === undefined ? Object.keys(included) : dataset.plugins.match(/\w+/g))
  let isOn = true
  undos.push(() => (isOn = false))
  function begin(plugins: Plugins): void {
    for (const name of Object.keys(plugins))
      if (isOn && names.has(name))
        try {
          undos.push((plugins[name] as TagPlugin)(tracker, dataset))
        } catch (error) {
          complain(dataset, error as Error)
        }
  }
  /** Loads these as one file. If there is none, one of the names may be wrong, so each is loaded alone. */
  function add(some: string[]): void {
    load(`sojourn-plugins.${some.join('.')}.js`, script).then(
      file => begin(file.default),
      error => (some[1] ? some.forEach(name => add([name])) : complain(dataset, error)),
    )
  }
  begin(included)
  const missing = [...names].filter(name => !included[name])
  if (missing[0]) add(missing)
}

/** No listener can hear this, so only the console can say it: on a developer's machine, or if `debug` asks for it. */
function complain({ debug }: DOMStringMap, error: Error): void {
  if (debug == null ? isDeveloperMachine() : debug !== 'false')
    // oxlint-disable-next-line no-console -- see above
    console.error(`sojourn: ${error.message}`)
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
  const all: Entry[] = []
  const call: Sojourn = (verb, ...args) => {
    const isQuestion = /^(observe|status|sessions?|events|pages|visits|records)$/.test(verb)
    const given = (isQuestion ? all.slice(0, 1) : all).map(entry => run(entry, verb, args))
    return /^(onError|properties)$/.test(verb) ? () => given.forEach(undo => (undo as Verb)()) : given[0]
  }
  call.all = all
  call.q = isFunction && Array.isArray(sojourn.q) ? sojourn.q : []
  return call
}

/** Runs a verb. What is none is reported as an event without a name. Plugins end with their tracker. */
function run([, tracker, undos]: Entry, verb: keyof Tracker, args: unknown[]): unknown {
  if (verb === 'stop') for (const undo of undos.splice(0)) undo()
  return typeof tracker[verb] === 'function' ? (tracker[verb] as Verb)(...args) : tracker.track('')
}

function start(script: HTMLScriptElement | undefined): void {
  const sojourn = readGlobal()
  const { all = [], q = [] } = sojourn
  const options = dropForeign(readOptions(script))
  const tracker = startTracker(options)
  // A page may hold a tag twice. A tag that is added again has started the tracker again if it was stopped.
  let entry = all.find(([key]) => key === options.key)
  if (!entry) {
    all.push((entry = [options.key, tracker, []]))
    for (const verb of Object.keys(tracker) as (keyof Tracker)[])
      (sojourn as unknown as Record<string, Verb>)[verb] = (...args) => sojourn(verb, ...args)
    // A page may have a global that cannot be assigned. Then it has no verbs, and is recorded all the same.
    Reflect.set(window, 'sojourn', sojourn)
    // The tracker of each tag hears the calls that were made before the first one ran.
    for (const args of q) {
      const [verb, ...rest] = Array.from(args || []) as [keyof Tracker, ...unknown[]]
      run(entry, verb, rest)
    }
    if (script) inspect(script)
  }
  if (!entry[2][0]) plug(entry, script || {})
}

for (const tag of findTags()) {
  try {
    start(tag)
  } catch (error) {
    complain(tag ? tag.dataset : {}, error as Error)
  }
}
