#!/usr/bin/env node
// npm links this file before the first build, so that it must exist then. It only loads the built command.
import('../dist/cli.js').catch(error => {
  if (error?.code !== 'ERR_MODULE_NOT_FOUND') throw error
  console.error('sojourn-collector is not built yet: run "npm run build" in the checkout.')
  process.exitCode = 1
})
