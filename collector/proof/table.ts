/** The result of a proof. */
export interface Row {
  readonly proof: string
  readonly store: string
  /** The trouble, and how often it happened. */
  readonly trouble: string
  /** The number of records that a 200 had named at the end. */
  readonly acknowledged: number
  readonly lost: number
  readonly doubled: number
  readonly note?: string
}

/** The results of a whole run, or of several runs of some proofs. */
export interface Found {
  /** The date, as `2026-11-25`; of several runs the first and the last, with `to` between them. */
  readonly made: string
  readonly where: string
  readonly rows: readonly Row[]
}

/** Makes the Markdown table of docs/proof.md, a line for each proof. */
export function toTable({ made, where, rows }: Found): string {
  const head = '| proof | store | what was done | acknowledged | lost | doubled | |\n|---|---|---|---:|---:|---:|---|'
  const lines = rows.map(
    ({ proof, store, trouble, acknowledged, lost, doubled, note = '' }) =>
      `| ${proof} | ${store} | ${trouble} | ${acknowledged} | ${lost} | ${doubled} | ${note} |`,
  )
  return `Made ${made} on ${where}.\n\n${[head, ...lines].join('\n')}`
}
