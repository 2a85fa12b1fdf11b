import { describeStore } from '../contracts/store.js'
import { fakeClock } from '../helpers/clock.js'
import { databaseWith } from '../helpers/database.js'
import { referenceStore } from '../helpers/reference-store.js'

describeStore('the database', databaseWith)

describeStore('a store in plain memory', async () => {
  const clock = fakeClock()
  return { clock, store: referenceStore(clock.now) }
})
