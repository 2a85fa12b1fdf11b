/**
 * The plain outbox, which the benchmark compares Sojourn with: about the least code that keeps events in IndexedDB and
 * sends them. It has no sessions, no consent and no state shared by tabs, and it trusts every 2xx answer.
 *
 * @param collector base address.
 * @param key part of the names of the database and the lock. A new key starts with an empty database.
 */
export function createTracker({ collector, key }) {
  const name = `outbox-${key}`
  let identity = null
  let pending = []
  let isSending = false
  let db = null
  const opening = openDatabase(name).then(opened => (db = opened))
  void opening.then(send)
  setInterval(send, 1000)
  addEventListener('pagehide', write)

  function track(eventName, data = null) {
    pending.push({ eventID: crypto.randomUUID(), eventName, identity, timestamp: Date.now(), data })
    if (pending.length === 1) queueMicrotask(write)
  }

  function signIn(identityId) {
    identity = identityId
    track('SignIn')
  }

  function page() {
    track('PageEntered', { url: location.href, title: document.title, referrer: document.referrer })
  }

  /** Writes the events of one task in one transaction. */
  function write() {
    if (!db) return void opening.then(write)
    if (!pending.length) return
    const events = pending
    pending = []
    const transaction = db.transaction('owed', 'readwrite', { durability: 'relaxed' })
    const store = transaction.objectStore('owed')
    for (const event of events) store.add(event)
    transaction.oncomplete = send
    transaction.commit()
  }

  /** Sends all owed events in batches, if no other tab is sending. The timer tries again after a failure. */
  async function send() {
    if (!db || isSending) return
    isSending = true
    await navigator.locks.request(name, { ifAvailable: true }, lock => lock && sendBatches()).catch(() => {})
    isSending = false
  }

  async function sendBatches() {
    for (;;) {
      const store = db.transaction('owed').objectStore('owed')
      const [keys, events] = await Promise.all([store.getAllKeys(null, 200), store.getAll(null, 200)].map(toPromise))
      if (!keys.length) return
      const body = JSON.stringify({ events })
      const keepalive = body.length < 60_000
      const answer = await fetch(`${collector}/v1/sessions`, { method: 'POST', body, keepalive })
      // The body must be read, because an unread body counts toward the 64 KiB for `keepalive` requests. Later ones
      // would fail.
      await answer.arrayBuffer()
      if (!answer.ok) return
      const transaction = db.transaction('owed', 'readwrite', { durability: 'relaxed' })
      transaction.objectStore('owed').delete(IDBKeyRange.bound(keys[0], keys[keys.length - 1]))
    }
  }

  page()
  return { signIn, track, page }
}

function openDatabase(name) {
  const request = indexedDB.open(name, 1)
  request.onupgradeneeded = () => request.result.createObjectStore('owed', { autoIncrement: true })
  return toPromise(request)
}

function toPromise(request) {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result)
    request.onerror = () => reject(request.error)
  })
}
