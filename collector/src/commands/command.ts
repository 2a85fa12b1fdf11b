/** What a command gets from its process. */
export interface CommandContext {
  /** What stands after the name of the command. */
  readonly args: readonly string[]
  readonly env: Readonly<Record<string, string | undefined>>
  /** The version of this package. */
  readonly version: string
  /** Writes a line that was asked for. */
  readonly print: (line: string) => void
  /** Writes a line about trouble. */
  readonly warn: (line: string) => void
  /** The file that the threads of SQLite run. If left out, SQLite runs in this thread. */
  readonly thread?: URL
  /** Is given the function that stops the command, to be called when the process gets a signal. */
  readonly onStop: (stop: () => Promise<void>) => void
}

/** A command of the command line. */
export interface Command {
  /** The first argument, such as `backup`. */
  readonly name: string
  /** What it does, in one line of the list of commands. */
  readonly summary: string
  /** What `<name> --help` prints: its arguments and flags. */
  readonly help: string
  /**
   * Runs the command. `--help` is answered before.
   *
   * @returns the exit code: 0 if it has done its work (or listens), and 1 otherwise.
   * @throws (rejects) `OptionError` for a wrong flag; the exit code is then 2. Any other error is printed as one line,
   *   and the exit code is 1.
   */
  run(context: CommandContext): Promise<number>
}
