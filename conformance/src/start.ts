import { help, OptionError, parseOptions } from './options.js'
import { toSummary, toText } from './report.js'
import { checks, runConformance } from './run.js'

/** What the command gets from its process. */
export interface CommandParts {
  readonly args: readonly string[]
  /** The end of all ids of this run, unlike that of other runs: letters and digits. */
  readonly runID: string
  readonly print: (line: string) => void
  readonly warn: (line: string) => void
}

/**
 * Runs the command. Prints each result when its check is done, or the whole report as JSON.
 *
 * @returns the exit code: 0 if no check failed, 1 if one failed, 2 for a wrong option.
 */
export async function start({ args, runID, print, warn }: CommandParts): Promise<number> {
  try {
    const options = parseOptions(args)
    if (options === 'help') print(help)
    else if (options === 'list') for (const { name, promise } of checks) print(`${name}: ${promise}`)
    else {
      const { isJson } = options
      const report = await runConformance({
        ...options,
        runID,
        onResult: one => (isJson ? undefined : print(toText(one))),
      })
      print(isJson ? JSON.stringify(report, null, 2) : toSummary(report))
      return report.failed ? 1 : 0
    }
    return 0
  } catch (error) {
    if (!(error instanceof OptionError)) throw error
    warn(`sojourn-conformance: ${error.message}`)
    return 2
  }
}
