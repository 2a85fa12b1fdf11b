import { appendFileSync, mkdirSync } from 'node:fs'
import { dirname } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Balance } from './balance.js'
import type { Row } from './table.js'

const path = fileURLToPath(new URL('../../build/results/proof.jsonl', import.meta.url))

/** Notes the result of a proof. `scripts/proof.mjs` makes the table from it. */
export function report(said: Omit<Row, 'lost' | 'doubled'> & Pick<Balance, 'lost' | 'doubled'>): void {
  const { proof, store, trouble, acknowledged, lost, doubled, note } = said
  const row: Row = { proof, store, trouble, acknowledged, lost: lost.length, doubled: doubled.length }
  write(note === undefined ? row : { ...row, note })
}

/** Notes that a proof was not run, and why. */
export function reportNotRun(name: string, why: string): void {
  write({ notRun: name, why })
}

function write(line: object): void {
  mkdirSync(dirname(path), { recursive: true })
  appendFileSync(path, `${JSON.stringify(line)}\n`)
}
