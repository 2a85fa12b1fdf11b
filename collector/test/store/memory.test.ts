import { createMemoryStore } from '../../src/store/memory.js'
import { numbersContract } from '../contracts/numbers.js'
import { rightsContract } from '../contracts/rights.js'
import { storeContract } from '../contracts/store.js'

storeContract('memory', async () => {
  const store = createMemoryStore()
  return { store, dump: async () => store.state() }
})

rightsContract('memory', async () => {
  const store = createMemoryStore()
  return {
    store,
    dump: async () => store.state(),
    another: async () => store,
    everything: async () => JSON.stringify(store.state()),
  }
})

numbersContract(
  'memory',
  async () => {
    const store = createMemoryStore()
    return { store, another: async () => store }
  },
  2,
)
