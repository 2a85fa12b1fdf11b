// The demo's collector: a child process that the switches may end and start again.
import { spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'

const cli = fileURLToPath(new URL('../collector/dist/cli.js', import.meta.url))

/**
 * Starts the collector. It may be stopped and started again, always at the same address.
 *
 * @param flags `db` and `collector-port`; port 0 chooses a free one, which stays.
 * @throws Error with a sentence for people if it does not start.
 */
export async function startCollector({ db, 'collector-port': wanted }) {
  let child = null
  let port = wanted
  let isClosing = false
  const state = { runs: false, since: 0 }

  async function start() {
    if (child) return
    const starting = spawn(process.execPath, [cli, '--db', db, '--port', port], { stdio: ['ignore', 'pipe', 'pipe'] })
    child = starting
    starting.once('exit', () => note(starting))
    const address = await hearAddress(starting, port)
    await untilHealthy(address)
    if (child !== starting) throw new Error('The collector was stopped as it started.')
    port = new URL(address).port
    Object.assign(state, { runs: true, since: Date.now() })
  }

  /** Notes that the process has ended, whoever has ended it. */
  function note(ended) {
    if (child !== ended) return
    child = null
    if (state.runs && !isClosing)
      console.error('The collector has stopped. The shop still works: the browser keeps what it records.')
    Object.assign(state, { runs: false, since: Date.now() })
  }

  /** Ends the process. @param signal `SIGKILL` ends it in the middle of whatever it does. */
  async function stop(signal) {
    if (!child) return
    const ended = new Promise(resolve => child.once('exit', resolve))
    child.kill(signal)
    await ended
  }

  await start()
  return {
    /** Where it listens, for example `http://127.0.0.1:4318`. */
    address: `http://127.0.0.1:${port}`,
    /** Whether it runs, and since when (Unix epoch, ms). */
    state,
    start,
    kill: () => stop('SIGKILL'),
    close() {
      isClosing = true
      return stop('SIGTERM')
    },
    /** Ends it when this process ends, and nothing can be waited for. */
    abandon: () => child?.kill(),
  }
}

/** Waits until it prints its address. */
async function hearAddress(child, port) {
  let said = ''
  const hear = text => (said += text)
  child.stderr.on('data', hear)
  const address = await new Promise((resolve, reject) => {
    child.stdout.on('data', text => {
      const found = /https?:\/\/[^\s/]+:\d+/.exec(hear(text))
      if (found) resolve(found[0])
    })
    child.once('error', reject)
    child.once('close', () => reject(new Error(whyNot(said, port))))
  })
  child.stderr.off('data', hear).pipe(process.stderr)
  return address
}

async function untilHealthy(address) {
  for (let tries = 0; tries < 100; tries++) {
    const isHealthy = await fetch(`${address}/healthz`).then(
      ({ ok }) => ok,
      () => false,
    )
    if (isHealthy) return
    await new Promise(resolve => setTimeout(resolve, 100))
  }
  throw new Error(`The collector at ${address} has started but is not healthy.`)
}

function whyNot(said, port) {
  if (/EADDRINUSE|in use|taken/i.test(said)) return `Port ${port} is in use. Choose another with --collector-port.`
  return `The collector did not start: ${said.trim().split('\n').pop() || 'it printed nothing.'}`
}
