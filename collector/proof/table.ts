/** What a proof came to. */
export interface Row {
  readonly proof: string
  readonly store: string
  /** What was done to it, and how often. */
  readonly trouble: string
  /** Records that a 200 had named when it was over. */
  readonly acknowledged: number
  readonly lost: number
  readonly doubled: number
  readonly note?: string
}

/** What a whole run came to, and where. */
export interface Found {
  readonly made: string
  readonly where: string
  readonly rows: readonly Row[]
}

/** Markdown, a line for each proof. */
export function toTable({ made, where, rows }: Found): string {
  const head = '| proof | store | what was done | acknowledged | lost | doubled | |\n|---|---|---|---:|---:|---:|---|'
  const lines = rows.map(
    ({ proof, store, trouble, acknowledged, lost, doubled, note = '' }) =>
      `| ${proof} | ${store} | ${trouble} | ${acknowledged} | ${lost} | ${doubled} | ${note} |`,
  )
  return `Made ${made} on ${where}.\n\n${[head, ...lines].join('\n')}`
}
