import { wrongOption } from './misuse.js'
import type { Connection } from './store/key-value-store.js'
import { createOwn, type OwnStoreParts } from './store/own.js'
import type { TrackerOptions } from './tracker-options.js'
import { guardTransport } from './transport/own.js'
import type { Transport } from './transport/transport.js'

/** What takes the place of the parts that a page has brought its own for. */
export interface OwnParts {
  readonly makeTransport?: ((...rest: OwnTransportParts) => Transport) | undefined
  readonly makeStore?: ((parts: OwnStoreParts) => Connection) | undefined
}

type OwnTransportParts = Parameters<typeof guardTransport> extends [unknown, ...infer Rest] ? Rest : never

const functions = { transport: ['send', 'copy', 'room'], store: ['keys', 'read', 'write', 'change'] }

/**
 * Reads the parts that the options bring. The script tag, which cannot bring any, does without this file.
 *
 * @throws TrackerError `option-transport` or `option-store` if a function of it is missing.
 */
export function readOwnParts({ transport, store }: Pick<TrackerOptions, 'transport' | 'store'>): OwnParts {
  check('transport', transport)
  check('store', store)
  return {
    makeTransport: transport && ((...rest) => guardTransport(transport, ...rest)),
    makeStore: store && (parts => createOwn(store, parts)),
  }
}

function check(name: keyof typeof functions, value: unknown): void {
  const part = (value || {}) as Record<string, unknown>
  if (value !== undefined && !functions[name].every(one => typeof part[one] === 'function'))
    throw wrongOption(name, value)
}
