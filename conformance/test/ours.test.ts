import { describe } from 'vitest'
import { keepsEveryPromise } from './contract.js'
import { sqliteStore } from './helpers/app.js'

// `broken.test.ts` runs every check on a collector in memory.
describe('our collector on SQLite', () => keepsEveryPromise(sqliteStore, 2))
