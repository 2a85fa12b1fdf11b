/** A batch as a page sends it, see docs/protocol.md. */
export interface StoryBatch {
  readonly v: 1
  readonly sentAt: number
  readonly lib: string
  readonly visits: readonly object[]
  readonly sessions: readonly object[]
}

type Wire = Record<string, unknown>

const second = 1000
const minute = 60 * second

/** Makes the records of one visit: pages and events by their times, as a browser would have made them. */
export class Story {
  readonly visitID: string
  readonly #start: number
  readonly #visit: Wire
  readonly #events: { sessionID: string | null; event: Wire }[] = []
  readonly #pages = new Map<string, Wire>()
  readonly #sessions = new Map<string, Wire>()
  #seq = 0

  /** @param start Unix epoch, ms. All other times are counted from there. */
  constructor(visitID: string, start: number, more: Wire = {}) {
    this.visitID = visitID
    this.#start = start
    this.#visit = {
      visitID,
      globalVisitID: `browser-of-${visitID}`,
      startDate: start,
      languageCode: 'en',
      userAgent: 'Mozilla/5.0 (X11; Linux x86_64; rv:153.0) Gecko/20100101 Firefox/153.0',
      ...more,
    }
    this.event('VisitStarted', 0)
  }

  /** A page from one time to another; without an end, its exit never arrives. `exitIn` is the session at its exit. */
  page(pageID: string, at: number, end: number | null, more: Wire = {}): void {
    const sessionID = (more.sessionID as string | undefined) ?? null
    const { exitIn = sessionID, ...rest } = more
    const id = `${this.visitID}-${pageID}`
    const url = `https://shop.example/${pageID}`
    this.#pages.set(id, {
      pageID: id,
      sessionID,
      startDate: this.#start + at,
      url,
      title: pageID,
      referrer: '',
      ...rest,
    })
    this.event('PageEntered', at, pageID, { sessionID })
    if (end !== null) this.event('PageExited', end, pageID, { sessionID: exitIn, activity: false })
  }

  /** An event on a page, in a session or in none. */
  event(eventName: string, at: number, pageID: string | null = null, more: Wire = {}): void {
    const { sessionID = null, ...rest } = more
    const seq = ++this.#seq
    const event = {
      eventID: `${this.visitID}-event-${seq}`,
      eventName,
      timestamp: this.#start + at,
      writer: `writer-of-${this.visitID}`,
      seq,
      pageID: pageID && `${this.visitID}-${pageID}`,
      ...rest,
    }
    this.#events.push({ sessionID: sessionID as string | null, event })
  }

  /** The browser has made so many records more, and still owes them. */
  owe(count: number): void {
    this.#seq += count
  }

  signIn(sessionID: string, identityId: string, at: number, pageID: string | null, data: Wire | null = null): void {
    const facts = { sessionID, identityId, visitID: this.visitID, startDate: this.#start + at, endDate: 0, duration: 0 }
    this.#sessions.set(sessionID, facts)
    this.event('SignIn', at, pageID, { sessionID, data })
  }

  /** Batches of at most 400 events. Each repeats the facts that it needs. */
  batches(): StoryBatch[] {
    const made: StoryBatch[] = []
    for (let from = 0; from < this.#events.length; from += 400)
      made.push(this.#batch(this.#events.slice(from, from + 400)))
    return made
  }

  #batch(some: { sessionID: string | null; event: Wire }[]): StoryBatch {
    const written = { [`writer-of-${this.visitID}`]: this.#seq }
    const of = (sessionID: string | null) => {
      const events = some.filter(one => one.sessionID === sessionID).map(({ event }) => event)
      const ids = new Set(events.map(({ pageID }) => pageID as string))
      return { events, pages: [...this.#pages.values()].filter(({ pageID }) => ids.has(pageID as string)) }
    }
    return {
      v: 1,
      sentAt: Date.now(),
      lib: 'sojourn/story',
      visits: [{ ...this.#visit, written, dropped: {}, ...of(null) }],
      sessions: [...this.#sessions.values()]
        .map(session => ({ ...session, ...of(session.sessionID as string) }))
        .filter(({ events }) => events.length),
    }
  }
}

/** Sends batches to a collector. Throws if it does not store each record. */
export async function tell(url: string, batches: readonly StoryBatch[], key = 'shop'): Promise<void> {
  for (const batch of batches) {
    const response = await fetch(`${url}/v1/sessions?key=${key}`, { method: 'POST', body: JSON.stringify(batch) })
    const answer = (await response.json()) as { refused?: unknown[] }
    if (response.status !== 200 || answer.refused?.length) throw new Error(JSON.stringify(answer))
  }
}

/**
 * An evening in the shop: somebody looks at things, signs in, compares in three tabs, goes away for dinner, comes back and
 * buys. A second person signs in afterwards on the same device.
 */
export function makeEvening(id: string, identityId: string, start: number, more: Wire = {}): Story {
  const story = new Story(`visit-${id}`, start, more)
  const at = (minutes: number, seconds = 0): number => minutes * minute + seconds * second
  const sessionID = `session-${id}`
  const inIt = { sessionID }
  const from = (page: string) => `https://shop.example/${page}`
  story.page('home', at(0), at(0, 50), { title: 'Harbour Lane: tools and tea', referrer: 'https://search.example/' })
  story.event('Search', at(0, 22), 'home', { data: { text: 'claw hammer', results: 14 } })
  story.event('Search', at(0, 37), 'home', { data: { text: 'claw hammer 16oz', results: 3 } })
  story.page('hammer', at(0, 50), at(2, 10), { title: 'Claw hammer, 16 oz', referrer: from('home') })
  story.event('PhotoZoom', at(1, 12), 'hammer', { data: { photo: 1 } })
  story.event('PhotoZoom', at(1, 19), 'hammer', { data: { photo: 2 } })
  story.page('sign-in', at(2, 10), at(2, 42), { title: 'Sign in', referrer: from('hammer'), exitIn: sessionID })
  story.signIn(sessionID, identityId, at(2, 40), 'sign-in', { name: 'Ada Lovelace', location: 'London' })
  story.page('account', at(2, 42), at(3, 30), { ...inIt, title: 'Your account', referrer: from('sign-in') })
  story.page('hammer-again', at(3, 30), at(8, 20), { ...inIt, title: 'Claw hammer, 16 oz', referrer: from('account') })
  story.event('AddToCart', at(4, 6), 'hammer-again', {
    ...inIt,
    data: { sku: 'hammer-16oz', price: 24.5, currency: 'GBP' },
  })
  story.page('axe', at(4, 30), at(7, 5), {
    ...inIt,
    title: 'Hatchet with a leather sheath',
    referrer: from('hammer-again'),
  })
  for (let n = 0; n < 14; n++) story.event('PhotoZoom', at(5, 2) + n * 700, 'axe', { ...inIt, data: { photo: n + 1 } })
  story.event('AddToCart', at(6, 20), 'axe', { ...inIt, data: { sku: 'hatchet', price: 61 } })
  story.page('tea', at(5, 30), at(7, 40), { ...inIt, title: 'Assam, second flush', referrer: from('hammer-again') })
  story.event('Review', at(6, 45), 'tea', { ...inIt, data: { stars: 5 } })
  story.event('AddToCart', at(7, 22), 'tea', { ...inIt, data: { sku: 'assam-250g', price: 11 } })
  story.page('cart', at(8, 20), at(34, 2), { ...inIt, title: 'Your cart', referrer: from('hammer-again') })
  story.event('VoucherTried', at(9, 3), 'cart', { ...inIt, data: { code: 'HARBOUR10', isValid: false } })
  story.event('VoucherTried', at(9, 31), 'cart', { ...inIt, data: { code: 'HARBOR10', isValid: true } })
  story.event('CartChanged', at(32, 48), 'cart', { ...inIt, data: { sku: 'hatchet', quantity: 0 } })
  story.page('checkout', at(34, 2), at(36, 10), { ...inIt, title: 'Pay', referrer: from('cart') })
  story.event('Order', at(35, 58), 'checkout', { ...inIt, data: { order: 'A-20418', total: 35.5, currency: 'GBP' } })
  story.page('thanks', at(36, 10), at(37, 20), {
    ...inIt,
    title: 'Thank you, Ada',
    referrer: from('checkout'),
    exitIn: null,
  })
  story.event('SignOut', at(37, 0), 'thanks', inIt)
  story.page('home-again', at(37, 20), at(37, 45), { title: 'Harbour Lane: tools and tea', referrer: from('thanks') })
  const friend = { sessionID: `friend-${id}` }
  story.signIn(friend.sessionID, `friend-of-${identityId}`, at(37, 44), 'home-again')
  story.page('tea-again', at(37, 45), at(38, 50), {
    ...friend,
    title: 'Assam, second flush',
    referrer: from('home-again'),
  })
  story.event('Review', at(38, 20), 'tea-again', { ...friend, data: { stars: 4 } })
  story.event('SignOut', at(38, 48), 'tea-again', friend)
  return story
}
