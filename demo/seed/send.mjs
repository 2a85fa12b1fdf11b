// Fills the collector with the sessions of past days, as browsers would send them that were offline until now.
import { planDay } from './plan.mjs'

const dayMs = 86_400_000
const eventsOfBatch = 400
const atOnce = 4

/**
 * Sends the days before now. A visit that would not be over yet is left out.
 *
 * @param days how many, today included.
 * @param collector where to send to.
 * @param shop the address that the pages have.
 * @returns a sentence for people.
 * @throws Error if the collector does not take a batch.
 */
export async function sendSeed({ days, seed, collector, shop, now = Date.now() }) {
  const startedAt = performance.now()
  const today = Math.floor(now / dayMs)
  const count = { visits: 0, sessions: 0, events: 0 }
  const batches = []
  for (let day = today - days + 1; day <= today; day++) {
    for (const planned of planDay(day, seed, shop).filter(({ until }) => until < now)) {
      if (!batches.length || batches.at(-1).events > eventsOfBatch)
        batches.push({ events: 0, visits: [], sessions: [] })
      const batch = batches.at(-1)
      batch.visits.push(planned.visit)
      batch.sessions.push(...planned.sessions)
      batch.events += planned.events
      count.visits++
      count.sessions += planned.sessions.length
      count.events += planned.events
    }
  }
  const send = async () => {
    for (let batch = batches.shift(); batch; batch = batches.shift()) await sendBatch(collector, batch, now)
  }
  await Promise.all(Array.from({ length: atOnce }, send))
  const seconds = ((performance.now() - startedAt) / 1000).toFixed(1)
  const [visits, sessions, events] = Object.values(count).map(one => one.toLocaleString('en'))
  return `Filled ${days} days: ${visits} visits, ${sessions} sessions, ${events} records in ${seconds} s.`
}

/** Sends one batch, and waits if the collector asks for that. */
async function sendBatch(collector, { visits, sessions }, sentAt) {
  for (let tries = 0; tries < 10; tries++) {
    // The times are of the past and the clock is right: so `sentAt` is now.
    const body = JSON.stringify({ v: 1, sentAt, lib: 'sojourn-demo', visits, sessions })
    const answer = await fetch(`${collector}/v1/sessions?key=demo`, { method: 'POST', body })
    const said = await answer.json()
    if (answer.status === 200 && !said.refused.length) return
    if (answer.status !== 429 && answer.status !== 503)
      throw new Error(`The collector has not taken the seed: ${said.message ?? JSON.stringify(said.refused[0])}`)
    await new Promise(resolve => setTimeout(resolve, 1000 * Number(answer.headers.get('retry-after') ?? 1)))
  }
  throw new Error('The collector has asked to wait ten times. The seed is not complete.')
}
