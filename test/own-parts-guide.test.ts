import { readFileSync } from 'node:fs'
import Database from 'better-sqlite3'
import { describe, it } from 'vitest'
import { type Network, storeContract, transportContract } from '../src/contracts.js'
import type { KeyValueStore } from '../src/store/key-value-store.js'
import { toOutcome } from '../src/transport/outcome.js'
import type { Transport } from '../src/transport/transport.js'

const guide = readFileSync(new URL('../docs/guide/own-parts.md', import.meta.url), 'utf8')

function sample(name: string): string {
  const [, code = ''] = new RegExp(`<!-- sample: ${name} -->\\n\`\`\`\\w+\\n([\\s\\S]*?)\\n\`\`\``).exec(guide) ?? []
  return code
}

type Call = (name: string, value: Record<string, any>) => Promise<unknown>
interface Parts {
  readonly transport: Transport
  readonly store: KeyValueStore
}

/** The parts of the sample for a web view whose app is that function. */
function webViewWith(call: Call): Parts {
  // oxlint-disable-next-line no-implied-eval -- the sample is run as it stands in the guide
  const make = new Function('app', 'toOutcome', `${sample('web-view')}\nreturn { transport, store }`)
  return make({ call }, toOutcome) as Parts
}

/** The app of the guide: a table of SQLite, and the statements that the guide gives. */
function tableApp(): Call {
  const database = new Database(':memory:')
  const [create, keys, read, readAll, put, remove, removeRange] = sample('web-view-sql')
    .split('\n')
    .map(line => line.replace(/ --.*/, ''))
  database.exec(create as string)
  const run = (sql: string | undefined, values: object): unknown => database.prepare(sql as string).run(values)
  const all = (sql: string | undefined, values: object): any[] => database.prepare(sql as string).all(values)
  const parse = (found: any[]): unknown[] => found.map(({ value }) => JSON.parse(value))
  return async function (name, value) {
    if (name === 'keys') return all(keys, value).map(({ key }) => key)
    if (name === 'read')
      return value.keys
        ? value.keys.map((key: string) => parse(all(read, { ...value, key }))[0] ?? null)
        : parse(all(readAll, value))
    database.transaction(() => {
      for (const one of value.changes)
        if (one.key === undefined) run(removeRange, one)
        else if (one.value === undefined) run(remove, one)
        else run(put, { ...one, value: JSON.stringify(one.value) })
    })()
    return undefined
  }
}

const posting =
  (network: Network): Call =>
  async (_name, { body }) =>
    network(body)

describe('the web view of the guide', () => {
  for (const { name, run } of storeContract(() => ({ store: webViewWith(tableApp()).store }))) it(`store: ${name}`, run)
  for (const { name, run } of transportContract(network => webViewWith(posting(network)).transport))
    it(`transport: ${name}`, run)
})
