#!/usr/bin/env node
import process from 'node:process'

/** What systemd and Docker send, what Ctrl+C sends, and what a terminal sends when it is closed. `nohup` does not help, because Node undoes it. */
const stopSignals = ['SIGTERM', 'SIGINT', 'SIGHUP'] as const

// This check runs before other modules are loaded, because better-sqlite3 crashes older versions of Node without a
// message.
if (Number.parseInt(process.versions.node, 10) < 22) {
  console.error(
    `sojourn-collector needs Node 22 or newer; this is ${process.versions.node}. Download: https://nodejs.org`,
  )
  process.exitCode = 1
} else {
  const { hasSecret, start, toCrashLine } = await import('./start.js')
  // Other users see the arguments of a process, but not after it has a title of its own.
  if (hasSecret(process.argv.slice(2))) process.title = 'sojourn-collector'
  process.on('uncaughtException', cause => {
    console.error(toCrashLine(cause))
    process.exit(1)
  })
  // The program that reads the output may end before the collector, as `head` does. The rest of the output is lost then, and nothing else.
  for (const output of [process.stdout, process.stderr])
    output.on('error', (cause: NodeJS.ErrnoException) => {
      if (cause.code !== 'EPIPE') throw cause
    })
  process.exitCode = await start({
    args: process.argv.slice(2),
    env: process.env,
    print: line => console.log(line),
    warn: line => console.error(line),
    thread: new URL('./thread.js', import.meta.url),
    onStop(stop) {
      const once = (): void => {
        for (const signal of stopSignals) process.off(signal, once)
        stop().then(
          () => process.exit(0),
          // The command has said why.
          () => process.exit(1),
        )
      }
      for (const signal of stopSignals) process.on(signal, once)
    },
  })
}
