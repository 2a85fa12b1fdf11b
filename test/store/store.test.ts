import { createMemory } from '../../src/store/memory.js'
import { describeStore } from '../contracts/store.js'
import { fakeClock } from '../helpers/clock.js'
import { databaseWith } from '../helpers/database.js'

describeStore('memory', async () => ({ store: createMemory(), clock: fakeClock() }))
describeStore('IndexedDB', databaseWith)
