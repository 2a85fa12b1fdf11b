// What a developer would write in an afternoon: an IndexedDB outbox with put + commit, a timer, delete by id. The yardstick
// for start-up; it has no sessions, no tabs, no consent, no page views of its own but the first.
import { openDB } from './idb.js'

export function createBare(collector) {
  const early = []
  let db = null
  let count = 0
  const opening = openDB('bare', 1, { upgrade: opened => void opened.createObjectStore('owed') }).then(opened => {
    db = opened
    for (const record of early.splice(0)) keep(record)
  })

  function keep(record) {
    if (!db) return void early.push(record)
    const tx = db.transaction('owed', 'readwrite')
    tx.store.put(record, record.eventID).catch(() => {})
    tx.commit()
    tx.done.catch(() => {})
  }

  function track(eventName, data) {
    count++
    keep({
      eventID: `${Date.now().toString(36)}${Math.random().toString(36).slice(2)}`,
      eventName,
      timestamp: Date.now(),
      seq: count,
      url: location.href,
      title: document.title,
      referrer: document.referrer,
      data,
    })
  }

  async function flush() {
    await opening
    const events = await db.getAll('owed', undefined, 500)
    if (!events.length) return
    const response = await fetch(`${collector}/v1/sessions`, { method: 'POST', body: JSON.stringify({ events }) })
    const { stored } = await response.json()
    const tx = db.transaction('owed', 'readwrite')
    for (const id of stored) tx.store.delete(id).catch(() => {})
    await tx.done
  }

  const timer = setInterval(() => flush().catch(() => {}), 5000)
  addEventListener('pagehide', () => {
    track('PageExited')
    clearInterval(timer)
  })
  track('PageEntered')
  return { track, flush, opening }
}
