import { describe, expect, it } from 'vitest'
import { createAdmission } from '../../src/ingest/admission.js'
import { maxClientBodies, maxSmallBodyBytes } from '../../src/limits.js'

const small = maxSmallBodyBytes
/** Room for 64 small bodies: 48 of them, or as many bytes of large ones, and 16 small ones. */
const max = 64 * small

describe('the admission budget', () => {
  it('keeps room for small bodies that large ones cannot take', () => {
    const admission = createAdmission(max)
    const large = admission.open(null)
    expect(large.reserve(48 * small)).toBe(true)
    expect(large.reserve(1)).toBe(false)
    expect(admission.fits(small + 1, null)).toBe(false)
    const opened = Array.from({ length: 16 }, () => admission.open(null))
    expect(opened.map(one => one.reserve(small))).toEqual(opened.map(() => true))
    expect(admission.fits(1, null)).toBe(false)
    expect(admission.open(null).reserve(1)).toBe(false)
    large.release()
    expect(admission.fits(48 * small, null)).toBe(true)
  })

  it('counts all bytes of a body as those of a large one once it is large', () => {
    const admission = createAdmission(max)
    const first = admission.open(null)
    const second = admission.open(null)
    expect(first.reserve(47 * small)).toBe(true)
    expect([second.reserve(small), second.reserve(1)]).toEqual([true, false])
    first.release()
    expect(second.reserve(1)).toBe(true)
    second.release()
    expect(admission.open(null).reserve(48 * small)).toBe(true)
  })

  it('lets small bodies use the room of large ones', () => {
    const admission = createAdmission(max)
    for (let n = 0; n < 64; n++) expect(admission.open(null).reserve(small)).toBe(true)
    expect(admission.fits(1, null)).toBe(false)
  })

  it('gives one client an eighth, and its share back when its bodies are answered', () => {
    const admission = createAdmission(max)
    const bodies = [admission.open('a'), admission.open('a')]
    expect(bodies.map(one => one.reserve(4 * small))).toEqual([true, true])
    expect(admission.fits(1, 'a')).toBe(false)
    expect(bodies[0]?.reserve(1)).toBe(false)
    expect([admission.fits(8 * small, 'b'), admission.fits(8 * small + 1, null)]).toEqual([true, true])
    bodies[0]?.release()
    expect([bodies[1]?.reserve(4 * small), bodies[1]?.reserve(1)]).toEqual([true, false])
    bodies[1]?.release()
    expect(admission.fits(8 * small, 'a')).toBe(true)
    expect(admission.open('a').reserve(8 * small + 1)).toBe(false)
  })

  it('lets one client have only so many bodies at once', () => {
    const admission = createAdmission(max)
    const bodies = Array.from({ length: maxClientBodies }, () => admission.open('a'))
    expect([admission.fits(1, 'a'), admission.fits(1, 'b'), admission.fits(1, null)]).toEqual([false, true, true])
    bodies[0]?.release()
    expect(admission.fits(1, 'a')).toBe(true)
  })
})
