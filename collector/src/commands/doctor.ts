import { examine } from '../ops/doctor/doctor.js'
import { toPlainLine } from '../ops/plain.js'
import { OptionError, parseFlags } from '../options.js'
import { isKeyText } from '../sites/names.js'
import type { Command, CommandContext } from './command.js'

const help = `sojourn-collector doctor <page>: says what is wrong with an installation, seen from outside.

  flag                 meaning                                                 default
  --key <key>          the site's write key                                    that of the tag
  --collector <url>    the base address of the collector                       that of the tag

It opens the page, looks for the tag and at the policy of the page, loads the script, and sends a preflight and an
empty batch, which stores nothing. The exit code is 0 if all is well, and 1 otherwise.`

/** Examines an installation, and prints what was found and what to do. */
export const doctor: Command = { name: 'doctor', summary: 'says what is wrong with an installation', help, run }

async function run({ args, print }: CommandContext): Promise<number> {
  const { flags, words } = parseFlags(args, { key: { type: 'string' }, collector: { type: 'string' } }, 1)
  const [page] = words
  if (!page) throw new OptionError('doctor: name a page, such as doctor https://shop.example/')
  if (flags.key !== undefined && !isKeyText(flags.key))
    throw new OptionError('--key: a key is 1 to 100 letters, digits, dots, hyphens or underscores')
  const isWell = await examine(
    {
      page: toAddress('doctor', page),
      key: flags.key ?? null,
      collector: flags.collector === undefined ? null : toAddress('--collector', flags.collector),
    },
    {
      fetch,
      now: Date.now,
      report({ isGood, text, advice }) {
        // The page and its servers choose some of the words.
        print(toPlainLine(`${isGood ? 'ok     ' : 'WRONG  '}${text}`))
        for (const line of advice) print(toPlainLine(line.startsWith(' ') ? `       ${line}` : `       → ${line}`))
      },
    },
  )
  print(isWell ? 'All is well.' : 'Not all is well.')
  return isWell ? 0 : 1
}

function toAddress(what: string, text: string): URL {
  const url = URL.parse(text)
  if (!url || !/^https?:$/.test(url.protocol))
    throw new OptionError(`${what}: write the address as https://shop.example/`)
  return url
}
