import { describe } from 'vitest'
import { createMemoryStore } from '../../collector/src/store/memory.js'
import { keepsEveryPromise } from './contract.js'
import { sqliteStore } from './helpers/house.js'

describe('our collector on SQLite', () => keepsEveryPromise(sqliteStore))

describe('our collector in memory', () => keepsEveryPromise(createMemoryStore))
