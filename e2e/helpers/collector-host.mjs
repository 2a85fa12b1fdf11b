// Runs the collectors of one worker of the tests, each as the command line runs it. To load the code takes most of a
// start, so it is loaded once. A message with `args` starts a collector, and the next one of the same id stops it.
import process from 'node:process'
import { start } from '../../collector/dist/start.js'

const thread = new URL('../../collector/dist/thread.js', import.meta.url)
const stops = new Map()

process.on('message', async ({ id, args }) => {
  if (args) return process.send({ id, ...(await run(id, args)) })
  await stops.get(id)()
  stops.delete(id)
  process.send({ id })
})
// The worker has ended.
process.on('disconnect', () => process.exit())

async function run(id, args) {
  const said = []
  const warn = line => console.error(line)
  const onStop = stop => stops.set(id, stop)
  const code = await start({ args, env: {}, print: line => said.push(line), warn, thread, onStop })
  return { code, said: said.join('\n') }
}
