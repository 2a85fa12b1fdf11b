// node scripts/run.mjs <npm script> [arguments]: reads the arguments of an npm script, and only if they are good, runs what comes before
// it, and then the script.
import { spawnSync } from 'node:child_process'
import { resolve } from 'node:path'
import process from 'node:process'
import { pathToFileURL } from 'node:url'
import { parseArgs } from 'node:util'
import './check-node.mjs'
import { commands, toHelp } from './commands.mjs'

const [, , name = '', ...args] = process.argv
const command = commands[name]
if (!command) {
  console.error(`no such script: ${name}`)
  process.exit(2)
}
const given = args.includes('--help') ? { isHelp: true } : read(command)
if (given.error) {
  console.error(`${given.error}; --help lists the options`)
  process.exitCode = 2
} else if (given.isHelp) console.log(toHelp(command))
else {
  for (const [program, ...rest] of command.before ?? []) {
    const { status } = spawnSync(program, rest, { stdio: 'inherit', shell: process.platform === 'win32' })
    if (status !== 0) process.exit(1)
  }
  const file = resolve(command.file)
  process.argv.splice(1, Number.POSITIVE_INFINITY, file, ...given.args)
  await import(pathToFileURL(file).href)
}

/** Reads the arguments: the script gets its own options first, as `--name=value`, then words, then what it passes on. */
function read({ options = {}, among = {}, passed = {}, words = false }) {
  try {
    const { tokens } = parseArgs({
      args,
      options: { ...options, ...passed },
      allowPositionals: words,
      tokens: true,
    })
    for (const { name: option, value = '' } of tokens.filter(one => Object.hasOwn(among, one.name ?? ''))) {
      const wrong = value.split(',').find(one => !among[option].includes(one))
      if (wrong !== undefined) return { error: `--${option} ${wrong}: it is one of ${among[option].join(', ')}` }
    }
    const isOwn = ({ kind, name: option }) => kind === 'option' && Object.hasOwn(options, option)
    const own = tokens
      .filter(isOwn)
      .map(({ name: option, value }) => `--${option}${value === undefined ? '' : `=${value}`}`)
    const more = tokens.filter(({ kind }) => kind === 'positional').map(({ value }) => value)
    const others = tokens
      .filter(token => token.kind === 'option' && !isOwn(token))
      .flatMap(({ rawName, value }) => (value === undefined ? [rawName] : [rawName, value]))
    return { args: [...own, ...more, ...others] }
  } catch (error) {
    return { error: error.message.split(/\. |\.?\n|\.$/)[0] }
  }
}
