#!/usr/bin/env node
import process from 'node:process'

// This check runs before other modules are loaded, because an older Node would fail later with a less clear message.
if (Number.parseInt(process.versions.node, 10) < 22) {
  console.error(
    `sojourn-conformance needs Node 22 or newer; this is ${process.versions.node}. Download: https://nodejs.org`,
  )
  process.exitCode = 1
} else {
  const { randomUUID } = await import('node:crypto')
  const { start } = await import('./start.js')
  process.exitCode = await start({
    args: process.argv.slice(2),
    runID: randomUUID().replaceAll('-', '').slice(0, 12),
    print: line => console.log(line),
    warn: line => console.error(line),
  })
}
