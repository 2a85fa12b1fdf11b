export type { Check } from './contracts/check.js'
export { type StoreUnderTest, storeContract } from './contracts/store.js'
export { type Network, type Reply, transportContract } from './contracts/transport.js'
