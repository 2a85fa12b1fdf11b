#!/usr/bin/env node
// The command as npm links it: it must be there before the first build, so it is this one line to what is built.
import('../dist/cli.js').catch(error => {
  if (error?.code !== 'ERR_MODULE_NOT_FOUND') throw error
  console.error('sojourn-conformance is not built yet: run "npm run build" in the checkout.')
  process.exitCode = 1
})
