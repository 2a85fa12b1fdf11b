import { describe } from 'vitest'
import { keepsEveryPromiseThrough } from './contract.js'
import { type App, sqliteStore } from './helpers/app.js'
import { changed, instead, renaming } from './helpers/broken.js'

/**
 * A wrapper that changes nothing. All checks pass through it, so that the collectors of `broken.test.ts` fail because of
 * their change.
 */
function wrapped(app: App): App {
  const same = <T>(one: T): T => one
  return renaming(
    changed(
      instead(app, () => undefined),
      { answer: same, read: same, params: () => {} },
    ),
    () => false,
  )
}

describe('our collector on SQLite', () =>
  keepsEveryPromiseThrough(sqliteStore, wrapped, Boolean(process.env.SOJOURN_LONG)))
