// `npm run runtimes`: imports every export in Node, Deno, Bun, workers, and two edge runtimes. No import may throw, or change
// a global.

import { execFileSync } from 'node:child_process'
import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { fileURLToPath } from 'node:url'
import { Worker } from 'node:worker_threads'
import { chromium } from '@playwright/test'
import { EdgeRuntime } from 'edge-runtime'
import { Miniflare } from 'miniflare'
import { rolldown } from 'rolldown'
import { launchArgs, needChromium } from '../browser.mjs'
import { makeScript, peers, readExports } from './exports.mjs'

const root = fileURLToPath(new URL('../../', import.meta.url))
const folder = `${root}build/runtimes`
const timeout = 60_000

/** The runtimes. Each resolves with what was found. */
const runtimes = {
  'Node, ESM': () => runFile(process.execPath, [], 'import'),
  'Node, CommonJS': () => runFile(process.execPath, [], 'require'),
  'Node, a worker': runInThread,
  Deno: () => runFile(inPackage('deno'), ['run', '--quiet', '--no-prompt', '--allow-read', '--allow-env'], 'import'),
  Bun: () => runFile(inPackage('bun'), ['run'], 'import'),
  'Edge runtime': runInEdge,
  workerd: runInWorkerd,
  'Chromium, a worker': runInWorker,
}

mkdirSync(folder, { recursive: true })
let failed = 0
try {
  for (const [name, run] of Object.entries(runtimes)) {
    const findings = await run()
    failed += findings.length ? 1 : 0
    console.log(findings.length ? `not ok: ${name}\n  ${findings.join('\n  ')}` : `ok: ${name}`)
  }
} finally {
  rmSync(folder, { recursive: true, force: true })
}
const names = Object.keys(readExports('import'))
console.log(
  `\n${names.length} exports in ${Object.keys(runtimes).length} runtimes: ${failed ? `${failed} FAILED` : 'all well'}`,
)
process.exitCode = failed ? 1 : 0

function inPackage(name) {
  return fileURLToPath(new URL(`node_modules/.bin/${name}`, import.meta.url))
}

/** Runs the script in a process, which must end by itself. */
function runFile(program, args, kind) {
  const file = `${folder}/${kind}.mjs`
  writeFileSync(file, makeScript(kind))
  return JSON.parse(execFileSync(program, [...args, file], { cwd: root, encoding: 'utf8', timeout }))
}

async function runInThread() {
  const file = `${folder}/thread.mjs`
  writeFileSync(
    file,
    `import { parentPort } from 'node:worker_threads'\n${makeScript('import', 'parentPort.postMessage')}`,
  )
  const worker = new Worker(file)
  return new Promise((resolve, reject) => {
    worker.on('message', text => resolve(JSON.parse(text))).on('error', reject)
  })
}

/** Bundles all exports for runtimes without files. Each is still evaluated only when it is imported. */
async function bundle(format, end) {
  const loads = Object.entries(readExports('import')).map(
    ([name, file]) => `${JSON.stringify(name)}: () => import(${JSON.stringify(file)})`,
  )
  const text = `import { probe } from ${JSON.stringify(fileURLToPath(new URL('probe.mjs', import.meta.url)))}
${peers.map(name => `import ${JSON.stringify(name)}`).join('\n')}
const run = () => probe({ ${loads.join(', ')} })
${end}`
  const input = `${folder}/entry.mjs`
  writeFileSync(input, text)
  const made = await rolldown({
    input,
    platform: 'browser',
    logLevel: 'silent',
    transform: { define: { 'process.env.NODE_ENV': '"production"' } },
  })
  const { output } = await made.generate({ format, name: 'Probe', codeSplitting: false })
  await made.close()
  return output[0].code
}

async function runInEdge() {
  const runtime = new EdgeRuntime()
  const code = await bundle('iife', 'export { run }')
  // A function around it: a script of the VM would make its name a global.
  return runtime.evaluate(`(() => { ${code}; return Probe.run() })()`)
}

async function runInWorkerd() {
  const script = await bundle('esm', 'export default { fetch: async () => Response.json(await run()) }')
  const miniflare = new Miniflare({ modules: true, script, compatibilityDate: '2026-07-01' })
  try {
    return await (await miniflare.dispatchFetch('http://worker.example/')).json()
  } finally {
    await miniflare.dispose()
  }
}

async function runInWorker() {
  const script = await bundle('iife', 'void run().then(findings => postMessage(findings))')
  const server = createServer(({ url }, response) => {
    const isScript = url === '/worker.js'
    response.setHeader('Content-Type', isScript ? 'text/javascript' : 'text/html')
    response.end(isScript ? script : '<!doctype html><title>Worker</title>')
  })
  await new Promise(resolve => server.listen(0, '127.0.0.1', resolve))
  const browser = await chromium.launch({ executablePath: needChromium(), args: launchArgs })
  try {
    const page = await browser.newPage()
    await page.goto(`http://127.0.0.1:${server.address().port}/`)
    return await page.evaluate(
      () =>
        new Promise((resolve, reject) => {
          const worker = new Worker('/worker.js')
          worker.addEventListener('message', ({ data }) => resolve(data))
          worker.addEventListener('error', ({ message }) => reject(new Error(message)))
        }),
    )
  } finally {
    await browser.close()
    server.closeAllConnections()
    server.close()
  }
}
