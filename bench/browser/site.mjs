// The server of the benchmark: its pages, both libraries as scripts, and a collector in memory.

import { readFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { gunzipSync } from 'node:zlib'
import { minify } from '@swc/core'
import { rollup } from 'rollup'

/** The libraries under test, each bundled as one script that sets the global `Library`. */
const inputs = { sojourn: 'dist/esm/index.js', plain: 'bench/site/outbox.js' }
export const libraries = Object.keys(inputs)

const blank = '<!doctype html><meta charset=utf-8><title>Benchmark</title><link rel=icon href=data:,><h1>Benchmark</h1>'

/** Starts a library at the end of its own file, as the script tag does. */
const begin =
  ";window.tracker=Library.createTracker({collector:location.origin,key:new URL(document.currentScript.src).search.slice(1)});tracker.signIn('user-1')"

/** A page that loads a library and starts it in its own script, as a site would. `key` is a write key. */
function toPage(library, key) {
  return `${blank}<script src="/${library}.js"></script><script>
const called = performance.now()
window.tracker = Library.createTracker({ collector: location.origin, key: '${key}' })
if (tracker.session) tracker.session().then(session => (window.answered = { session, ms: performance.now() - called }))
</script>`
}

/**
 * Starts the server.
 *
 * `setMode` sets what the collector does with a batch: `take` stores it and names its records, `hold` answers 503
 * when the mode changes, `busy` answers 503 at once. `onBody` is called with the text of each body that is taken.
 */
export async function startSite() {
  const scripts = {}
  for (const library of libraries) scripts[library] = await bundle(inputs[library])
  // The line with which the script tag begins tells the browser when to compile it.
  const [head] = readFileSync('dist/sojourn.js', 'utf8').split('\n')
  for (const library of libraries)
    scripts[`${library}-file`] = `${library === 'sojourn' ? `${head}\n` : ''}${scripts[library]}${begin}`
  let mode = 'take'
  let held = []
  let onBody = () => {}
  const server = createServer((request, response) => {
    // An isolated page has a clock of 5 µs instead of 100 µs.
    response.setHeader('Cross-Origin-Opener-Policy', 'same-origin')
    response.setHeader('Cross-Origin-Embedder-Policy', 'require-corp')
    response.setHeader('Cache-Control', 'no-store')
    if (request.method === 'POST') return take(request, response)
    const [, folder, library, key] = request.url.split('/')
    const script = scripts[folder.replace(/\.js(\?.*)?$/, '')]
    response.setHeader('Content-Type', script ? 'text/javascript' : 'text/html')
    response.end(script ?? (folder === 'page' ? toPage(library, key) : blank))
  })
  await new Promise(resolve => server.listen(0, '127.0.0.1', resolve))

  async function take(request, response) {
    const parts = []
    for await (const part of request) parts.push(part)
    if (mode === 'hold') return held.push(response)
    if (mode === 'busy') return response.writeHead(503).end()
    const body = Buffer.concat(parts)
    const text = (body[0] === 0x1f ? gunzipSync(body) : body).toString()
    onBody(text)
    const stored = [...text.matchAll(/\beventID\\?":\s*\\?"([^"\\]+)/g)].map(([, id]) => id)
    const answer = { v: 1, versions: [1], now: Date.now(), stored, refused: [], gone: [], limits: {} }
    response.setHeader('Content-Type', 'application/json')
    response.end(JSON.stringify(answer))
  }

  return {
    base: `http://127.0.0.1:${server.address().port}`,
    setMode(wanted) {
      mode = wanted
      for (const response of held) response.writeHead(503).end()
      held = []
    },
    onBody: listener => void (onBody = listener),
    stop() {
      server.closeAllConnections()
      server.close()
    },
  }
}

async function bundle(input) {
  const made = await rollup({ input, onwarn() {} })
  const { output } = await made.generate({ format: 'iife', name: 'Library' })
  await made.close()
  if (input === inputs.sojourn) return output[0].code
  // The build has minified Sojourn already. The name `Library` must stay.
  return (await minify(output[0].code, { ecma: 2020, compress: { toplevel: false }, mangle: true })).code
}
