import { readFileSync } from 'node:fs'
import { commands } from './commands/all.js'
import type { CommandContext } from './commands/command.js'
import { toLogError } from './ops/log-error.js'
import { createHider } from './ops/secrets.js'
import { OptionError } from './options.js'
import { checkVariables } from './variables.js'

/** What the command line gets from its process. `args` begins with the name of a command, or with a flag of `serve`. */
export type CommandParts = Omit<CommandContext, 'version'>

/**
 * Runs the command that the first argument names; `serve` if it names none. Trouble is one line.
 *
 * @returns the exit code: 0 if the command has done its work (or listens), 1 if not, 2 for a bad command or flag.
 */
export async function start({ args, ...parts }: CommandParts): Promise<number> {
  const { print, warn } = parts
  try {
    const version = readVersion()
    const [first = ''] = args
    const named = commands.find(({ name }) => name === first)
    if (!named && /^[^-]/.test(first)) throw new OptionError(toUnknown(first))
    const rest = named ? args.slice(1) : args
    if (asksFor('--help', rest)) print(named ? named.help : makeHelp())
    else if (!named && asksFor('--version', rest)) print(version)
    else {
      checkVariables(parts.env)
      return await (named ?? commands[0]).run({ ...parts, args: rest, version })
    }
    return 0
  } catch (error) {
    warn(`sojourn-collector: ${createHider([])(toSaid(error as NodeJS.ErrnoException))}`)
    return error instanceof OptionError ? 2 : 1
  }
}

/** The help of the command line: the commands, and the flags of `serve`. */
export function makeHelp(): string {
  const list = commands.map(({ name, summary }) => `  ${name.padEnd(10)} ${summary}`)
  return `sojourn-collector [command]: receives sessions from browsers, stores them, and serves them to readers.

${list.join('\n')}

  <command> --help prints the flags of a command; --version prints the version.

${commands[0].help}`
}

/** Whether arguments may contain a password or a token. */
export function hasSecret(args: readonly string[]): boolean {
  return args.some(arg => /:\/\/|@|^--read-token\b(?!-file)/.test(arg))
}

/** Makes the line about an error that nothing has caught, which ends the process. It has no fields of drivers. */
export function toCrashLine(cause: unknown): string {
  return JSON.stringify({ level: 'fatal', err: toLogError(cause, createHider([])), msg: 'an error was not caught' })
}

// The word may be a database with its password, whose flag was forgotten. So only what looks like a command is printed.
function toUnknown(word: string): string {
  const said = /^[a-z-]{1,20}$/.test(word) ? `there is no command ${word}` : 'a command is a word, such as serve'
  return `${said}; --help lists the commands`
}

/** Whether a flag was given. What follows `--` is no flag. */
function asksFor(flag: string, args: readonly string[]): boolean {
  const end = args.indexOf('--')
  return (end < 0 ? args : args.slice(0, end)).includes(flag)
}

/** What is said of an error. Of one of listening, also which flag to change. */
function toSaid({ code = '', syscall = '', message }: NodeJS.ErrnoException): string {
  if (!/^(listen|getaddrinfo)$/.test(syscall)) return message
  return /^(EADDRINUSE|EACCES)$/.test(code)
    ? `${message}; choose another port with --port`
    : `${message}; name an address of this machine with --host`
}

// Both `src/start.ts` and its place in `dist` are one folder below the package.
function readVersion(): string {
  const text = readFileSync(new URL('../package.json', import.meta.url), 'utf8')
  return (JSON.parse(text) as { version: string }).version
}
