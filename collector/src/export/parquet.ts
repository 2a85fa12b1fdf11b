import { ByteWriter, ParquetWriter, schemaFromColumnData } from 'hyparquet-writer'
import { rowGroupBytes, rowGroupRows } from '../limits.js'
import { columns, type SiteEvent } from './columns.js'
import { toJsonText } from './json.js'

const types = { text: 'STRING', time: 'INT64', number: 'INT64', boolean: 'BOOLEAN', json: 'STRING' } as const

/** Writes events as a Parquet file, one group of rows after the other. Times are Unix epoch in ms, data is a JSON text. */
export async function* toParquet(events: AsyncIterable<readonly SiteEvent[]>): AsyncGenerator<Uint8Array> {
  const writer = new ByteWriter()
  const named = columns.map(({ name, type }) => ({ name, type: types[type], nullable: true, data: [] }))
  const parquet = new ParquetWriter({
    writer,
    schema: schemaFromColumnData({ columnData: named }),
    createdBy: 'sojourn-collector',
  })

  /** Takes what was written. The writer continues to count from there. */
  function take(): Uint8Array {
    const bytes = new Uint8Array(writer.buffer.slice(0, writer.index))
    writer.index = 0
    return bytes
  }

  let rows: unknown[][] = []
  let bytes = 0

  async function writeGroup(): Promise<Uint8Array> {
    const columnData = columns.map(({ name }, n) => ({ name, data: rows.map(row => row[n]), offsetIndex: false }))
    await parquet.write({ columnData, rowGroupSize: rows.length })
    rows = []
    bytes = 0
    return take()
  }

  for await (const some of events)
    for (const event of some) {
      const row = columns.map(({ type, of }) => toValue(type, of(event)))
      rows.push(row)
      for (const value of row) bytes += typeof value === 'string' ? value.length : 8
      if (rows.length >= rowGroupRows || bytes >= rowGroupBytes) yield await writeGroup()
    }
  if (rows.length) yield await writeGroup()
  await parquet.finish()
  yield take()
}

function toValue(type: keyof typeof types, value: unknown): unknown {
  if (value === null) return undefined
  if (type === 'json') return toJsonText(value)
  return typeof value === 'number' ? BigInt(value) : value
}
