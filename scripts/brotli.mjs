import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { brotliCompressSync } from 'node:zlib'

/** A smaller text is compressed in less than a tenth of a second when somebody first asks for it. */
const minBytes = 50_000

/**
 * Writes the brotli form of each large text of a folder beside it, as `name.br`. The collector serves it, so that the first reader
 * does not wait until a text is compressed: that of `search.json` took a second of the processor.
 */
export function writeBrotli(folder) {
  for (const name of readdirSync(folder, { recursive: true, encoding: 'utf8' })) {
    const path = join(folder, name)
    if (/\.(html|js|css|json|svg)$/.test(name) && statSync(path).size >= minBytes)
      writeFileSync(`${path}.br`, brotliCompressSync(readFileSync(path)))
  }
}
