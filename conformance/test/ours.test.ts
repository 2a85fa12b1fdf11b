import { describe } from 'vitest'
import { createMemoryStore } from '../../collector/src/store/memory.js'
import { keepsEveryPromise } from './contract.js'
import { sqliteStore } from './helpers/app.js'

describe('our collector on SQLite', () => keepsEveryPromise(sqliteStore, 2))

describe('our collector in memory', () => keepsEveryPromise(createMemoryStore))
