// The flags of `npm run demo`.
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'

/**
 * Reads the flags.
 *
 * @throws Error with a sentence for people.
 */
export function readFlags() {
  const { values } = parseArgs({
    options: {
      port: { type: 'string', default: '4317' },
      'collector-port': { type: 'string', default: '4318' },
      db: { type: 'string', default: join(tmpdir(), 'sojourn-demo.db') },
      traffic: { type: 'string', default: '0' },
      'seed-days': { type: 'string', default: '0' },
      seed: { type: 'string', default: '1' },
    },
  })
  for (const name of ['port', 'collector-port']) toNumber(values, name, 65535)
  return {
    ...values,
    traffic: toNumber(values, 'traffic', 10_000),
    seedDays: toNumber(values, 'seed-days', 366),
    seed: toNumber(values, 'seed', 2 ** 31),
  }
}

function toNumber(values, name, max) {
  const text = values[name]
  if (!/^\d{1,10}$/.test(text) || Number(text) > max) throw new Error(`--${name} must be a number from 0 to ${max}.`)
  return Number(text)
}
