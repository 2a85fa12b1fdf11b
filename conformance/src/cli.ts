#!/usr/bin/env node
import process from 'node:process'

// Before anything else is loaded: an older Node would fail later, and less clearly.
if (Number.parseInt(process.versions.node, 10) < 22) {
  console.error(
    `sojourn-conformance needs Node 22 or newer; this is ${process.versions.node}. Newer ones: https://nodejs.org`,
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
