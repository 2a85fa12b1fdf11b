import { describe } from 'vitest'
import { keepsEveryPromise } from './contract.js'
import { sqliteStore } from './helpers/house.js'

describe('our collector on SQLite', () => keepsEveryPromise(sqliteStore))
