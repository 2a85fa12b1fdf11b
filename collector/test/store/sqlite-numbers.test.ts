import { numbersContract } from '../contracts/numbers.js'
import { databasePath, sqliteStore } from '../helpers/collector.js'

numbersContract(
  'SQLite',
  async () => {
    const path = databasePath()
    return { store: await sqliteStore(path), another: () => sqliteStore(path) }
  },
  15,
)
