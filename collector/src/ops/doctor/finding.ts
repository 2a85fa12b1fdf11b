/** One thing that was looked at, in plain words. */
export interface Finding {
  readonly isGood: boolean
  readonly text: string
  /** What to do. Empty if all is well. */
  readonly advice: readonly string[]
}

export function good(text: string): Finding {
  return { isGood: true, text, advice: [] }
}

/** Makes a finding of trouble. Each advice is a line: what to do, or a line that is needed somewhere. */
export function bad(text: string, ...advice: readonly string[]): Finding {
  return { isGood: false, text, advice }
}
