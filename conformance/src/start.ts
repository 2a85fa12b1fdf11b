import { help, OptionError, parseOptions } from './options.js'
import { toSummary, toText } from './report.js'
import { checks, runConformance } from './run.js'

/** What the command is given by its surroundings. */
export interface Surroundings {
  readonly args: readonly string[]
  /** What sets this run's ids apart: letters and digits. */
  readonly runID: string
  readonly print: (line: string) => void
  readonly warn: (line: string) => void
}

/**
 * Runs the command: a line or more for each check as it is done, or all of it as JSON.
 *
 * @returns the exit code: 0 if no check failed, 1 if one did, 2 for a bad option.
 */
export async function start({ args, runID, print, warn }: Surroundings): Promise<number> {
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
