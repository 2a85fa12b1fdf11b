import { parseArgs } from 'node:util'
import { checks } from './run.js'

/** What the command was asked to do. */
export interface Options {
  readonly url: string
  readonly key: string
  readonly readToken: string | null
  readonly origin: string | null
  readonly isWriteOnly: boolean
  readonly isJson: boolean
  readonly only: readonly string[]
}

/** A bad option; the message is one line that says how to mend it. */
export class OptionError extends Error {}

/** What `--help` prints. */
export const help = `sojourn-conformance <url>: asks a collector for everything that the protocol promises, and reports.

  --key <key>          a write key of the collector; a collector on this machine may take any
  --read-token <token> what its readers must show
  --origin <origin>    an origin whose pages may send, such as https://shop.example; without it CORS is checked by half
  --write-only         asks nothing of what was sent: for a collector that has no reads
  --only <name>        this check alone; repeat for more
  --list               the names of the checks, and what each promises
  --json               the report as JSON
  --help               this text

What it sends stays there, under ids of this run alone. Exit code: 0 if no check failed, 1 if one did, 2 for a bad option.`

/**
 * Reads the command line.
 *
 * @returns a word if only that was asked for.
 * @throws OptionError for the first thing that is wrong.
 */
export function parseOptions(args: readonly string[]): Options | 'help' | 'list' {
  const { values, positionals } = parseFlags(args)
  if (values.help) return 'help'
  if (values.list) return 'list'
  const [address, more] = positionals
  if (!address)
    throw new OptionError('say which collector, such as: sojourn-conformance https://my-collector/ --key my-site')
  if (more) throw new OptionError(`${more}: one collector at a time`)
  const url = URL.parse(address)
  if (!url || !/^https?:$/.test(url.protocol) || url.search || url.hash)
    throw new OptionError(`${address}: an address is written as https://my-collector/`)
  const { origin = null, only = [], key = 'conformance' } = values
  if (origin !== null && URL.parse(origin)?.origin !== origin)
    throw new OptionError(`--origin ${origin}: an origin is scheme, host and port only, such as https://shop.example`)
  const unknown = only.find(name => !checks.some(check => check.name === name))
  if (unknown !== undefined) throw new OptionError(`--only ${unknown}: there is no such check; --list names them`)
  return {
    url: url.href,
    key,
    readToken: values['read-token'] ?? null,
    origin,
    isWriteOnly: values['write-only'] ?? false,
    isJson: values.json ?? false,
    only,
  }
}

function parseFlags(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      allowPositionals: true,
      options: {
        key: { type: 'string' },
        'read-token': { type: 'string' },
        origin: { type: 'string' },
        'write-only': { type: 'boolean' },
        only: { type: 'string', multiple: true },
        list: { type: 'boolean' },
        json: { type: 'boolean' },
        help: { type: 'boolean' },
      },
    })
  } catch (error) {
    const [said] = (error as Error).message.split(/\.(?: |$)|\n/)
    throw new OptionError(`${said}; --help lists the flags`)
  }
}
