import { createMemoryStore } from '../../src/store/memory.js'
import { storeContract } from '../contracts/store.js'

storeContract('memory', async () => {
  const store = createMemoryStore()
  return { store, dump: async () => store.state() }
})
