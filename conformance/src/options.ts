import { parseArgs } from 'node:util'
import { checks } from './run.js'

/** The parsed options of the command. */
export interface Options {
  readonly url: string
  readonly key: string
  readonly readToken: string | null
  readonly origin: string | null
  readonly isWriteOnly: boolean
  readonly isJson: boolean
  readonly only: readonly string[]
}

/** An option is wrong. The message is one line that says how to correct it. */
export class OptionError extends Error {}

/** What `--help` prints. */
export const help = `sojourn-conformance <url>: checks whether a collector keeps every promise of the protocol.

  --key <key>          a write key of the collector; default: conformance, which a collector on loopback may accept
  --read-token <token> the token that reads must contain
  --origin <origin>    an origin whose pages may send, such as https://shop.example; without it, CORS is checked partly
  --write-only         leaves out the checks of reads, for a collector without reads
  --only <name>        runs only this check; repeat for more
  --list               prints the name and the promise of each check
  --json               prints the report as JSON
  --help               prints this text

Sent records stay in the collector; all their ids contain the id of the run. Exit code: 0 if no check failed, 1 if one
failed, 2 for a wrong option.`

/**
 * Parses the command line.
 *
 * @returns `'help'` or `'list'` if that was asked for.
 * @throws OptionError for the first option that is wrong.
 */
export function parseOptions(args: readonly string[]): Options | 'help' | 'list' {
  const { values, positionals } = parseFlags(args)
  if (values.help) return 'help'
  if (values.list) return 'list'
  const [address, more] = positionals
  if (!address) throw new OptionError('name the collector: sojourn-conformance https://my-collector/ --key my-site')
  if (more) throw new OptionError(`${more}: name one collector only`)
  const url = URL.parse(address)
  if (!url || !/^https?:$/.test(url.protocol) || url.search || url.hash)
    throw new OptionError(`${address}: write the address as https://my-collector/`)
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
