import { expect, test } from 'vitest'
import { makeTemplate } from '../bench/collector/batches.mjs'

test('the batches of the benchmark have as many records as they are asked for', () => {
  const sizes = makeTemplate(3, 6).map(body => new Set(body.match(/"eventID":"[^"]+"/g)).size)
  expect(sizes).toEqual([6, 6])
})
