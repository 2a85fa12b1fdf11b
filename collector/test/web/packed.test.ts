import { brotliCompressSync, constants } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import { createPackedHandler } from '../../src/web/packed.js'

/** A text whose brotli form is another one with each quality. */
const text = Array.from({ length: 4000 }, (_, n) => `<li class="row-${(n * 7919) % 613}">${n % 17} of ${n}</li>`).join(
  '\n',
)

const compress = (quality: number): Buffer =>
  brotliCompressSync(text, { params: { [constants.BROTLI_PARAM_QUALITY]: quality } })

describe('a file of which the build has made no brotli form', () => {
  it('is compressed with quality 6, because its first reader waits for it', async () => {
    const handle = createPackedHandler('index.html', text, {})
    const response = await handle(new Request('http://localhost/', { headers: { 'Accept-Encoding': 'br' } }))
    const sent = Buffer.from(await response.arrayBuffer())
    expect(sent.equals(compress(6))).toBe(true)
    expect([5, 7, 11].map(quality => sent.equals(compress(quality)))).toEqual([false, false, false])
  })
})
