import { Client } from 'pg'
import { describe, expect, it, onTestFinished } from 'vitest'
import { toArray } from '../../src/store/postgres/arrays.js'
import { DataError } from '../../src/store/store.js'
import type { Row } from '../../src/store/tables.js'
import { databaseUrl, hasPostgres } from '../helpers/database.js'

const told: Row[] = [
  ['', 0],
  [null, null],
  ['{"a", \\NULL}', -1],
  ['Zoë 東京 🦜', -(2 ** 32) - 5],
  ['NULL', Number.MAX_SAFE_INTEGER],
  ['x'.repeat(5000), Number.MIN_SAFE_INTEGER],
  ['after it', 1_700_000_000_000],
]

describe('a column as an array', () => {
  it.skipIf(!hasPostgres)('is read by the server as it was told', async () => {
    const client = new Client(await databaseUrl())
    await client.connect()
    onTestFinished(() => client.end())
    for (const rows of [told, told.slice(0, 1), []]) {
      const text = 'SELECT * FROM unnest($1::text[], $2::bigint[]) AS came(a, b)'
      const found = await client.query({
        text,
        values: [toArray(rows, 0, 'text'), toArray(rows, 1, 'bigint')],
        rowMode: 'array',
      })
      expect(found.rows).toEqual(rows.map(([a, b]) => [a, b === null ? null : String(b)]))
    }
  })

  it('is not made of what is no integer', () => {
    for (const value of [1.5, 2 ** 60, Number.NaN, '1'])
      expect(() => toArray([[value]], 0, 'bigint')).toThrow(DataError)
  })
})
