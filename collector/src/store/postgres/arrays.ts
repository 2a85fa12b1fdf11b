import { DataError } from '../store.js'
import type { Row, Value } from '../tables.js'

/** The OIDs of `bigint` and `text`, which are the same in every PostgreSQL. */
const types = { bigint: 20, text: 25 } as const

/**
 * Writes a column of some rows as a PostgreSQL array, in the binary form of `array_send`. The server reads it in half of the
 * time that JSON takes, because nothing of it has to be searched for quotes or names.
 *
 * @throws DataError if a value does not fit a `bigint` column.
 */
export function toArray(rows: readonly Row[], place: number, type: keyof typeof types): Buffer {
  const isNumber = type === 'bigint'
  // UTF-8 takes at most three bytes for each unit of a string.
  let size = headerBytes
  for (const row of rows) size += 4 + (isNumber ? 8 : 3 * String(row[place]).length)
  const bytes = Buffer.allocUnsafe(size)
  let at = bytes.writeInt32BE(rows.length ? 1 : 0, 0)
  at = bytes.writeInt32BE(1, at)
  at = bytes.writeInt32BE(types[type], at)
  if (!rows.length) return bytes.subarray(0, at)
  at = bytes.writeInt32BE(rows.length, at)
  // Places count from 1.
  at = bytes.writeInt32BE(1, at)
  for (const row of rows) {
    const value = row[place] ?? null
    if (value === null) at = bytes.writeInt32BE(-1, at)
    else if (isNumber) at = writeNumber(bytes, value, at)
    else {
      const end = at + 4 + bytes.write(String(value), at + 4)
      bytes.writeInt32BE(end - at - 4, at)
      at = end
    }
  }
  return bytes.subarray(0, at)
}

/** Dimensions, whether there may be nulls, the type, and the length and the first place of the only dimension. */
const headerBytes = 20

function writeNumber(bytes: Buffer, value: Value, at: number): number {
  if (!Number.isSafeInteger(value)) throw new DataError(`${value} is not an integer`)
  const number = value as number
  let next = bytes.writeInt32BE(8, at)
  next = bytes.writeInt32BE(Math.floor(number / 2 ** 32), next)
  return bytes.writeUInt32BE(number >>> 0, next)
}
