/** What a made visit is made of. Times are Unix epoch, ms. */
export interface VisitPlan {
  /** A name that no other visit of the collector has. The ids are made of it. */
  readonly name: string
  readonly startDate: number
  /** Who signs in on the second page; `null`: nobody. */
  readonly identityId: string | null
  readonly pages: readonly string[]
  readonly referrer?: string
  /** The title of each page; else it is made of its address. */
  readonly title?: string
  /** Events on the last page, with their data. */
  readonly events?: readonly (readonly [name: string, data: object])[]
  /** From one page to the next. @default 20 s */
  readonly stepMs?: number
  /** How the session ends; `open`: it does not. @default signed-out */
  readonly end?: 'signed-out' | 'idle' | 'open'
  /** Why the session ended, as the page says it, if `end` is `idle`. @default idle */
  readonly reason?: string
  /** Records that the browser says it made, and that do not arrive. */
  readonly owed?: number
  readonly automated?: boolean
}

interface WireEvent {
  readonly eventID: string
  readonly eventName: string
  readonly timestamp: number
  readonly writer: string
  readonly seq: number
  readonly pageID: string
  readonly data?: object
}

/** Makes the batch of one visit, as a browser would send it. */
export function makeVisit(plan: VisitPlan): object {
  const { name, startDate, identityId, pages, referrer = '', title, events = [], stepMs = 20_000 } = plan
  const { end = 'signed-out', reason = 'idle', owed = 0, automated = false } = plan
  const [visitID, sessionID, writer] = [`v-${name}`, `s-${name}`, `w-${name}`]
  let seq = 0
  const lists: { visit: WireEvent[]; session: WireEvent[] } = { visit: [], session: [] }
  function add(list: WireEvent[], eventName: string, page: number, timestamp: number, data?: object): void {
    seq++
    const base = { eventID: `e-${name}-${seq}`, eventName, timestamp, writer, seq, pageID: `p-${name}-${page}` }
    list.push(data ? { ...base, data } : base)
  }
  const signedInAt = Math.min(1, pages.length - 1)
  const inSession = (page: number): boolean => identityId !== null && page >= signedInAt
  const wirePages = pages.map((url, n) => ({
    pageID: `p-${name}-${n}`,
    url,
    title: title ?? toTitle(url),
    referrer: n === 0 ? referrer : (pages[n - 1] ?? ''),
    category: '',
    startDate: startDate + n * stepMs,
    sessionID: n > signedInAt && identityId !== null ? sessionID : null,
  }))
  let at = startDate
  pages.forEach((_, n) => {
    at = startDate + n * stepMs
    const list = inSession(n) && n > signedInAt ? lists.session : lists.visit
    add(list, 'PageEntered', n, at)
    if (n === signedInAt && identityId !== null) add(lists.session, 'SignIn', n, at + 1000, { name: 'Ada' })
    const own = n === pages.length - 1 ? events : []
    own.forEach(([eventName, data], e) => {
      at = startDate + n * stepMs + 2000 + e * 100
      add(inSession(n) ? lists.session : lists.visit, eventName, n, at, data)
    })
    if (n < pages.length - 1)
      add(inSession(n) ? lists.session : lists.visit, 'PageExited', n, startDate + (n + 1) * stepMs - 1)
  })
  if (identityId !== null && end !== 'open') {
    const last = pages.length - 1
    if (end === 'signed-out') add(lists.session, 'SignOut', last, at + 5000)
    else add(lists.session, 'SessionEnded', last, at + 5000, { reason })
  }
  const visit = {
    visitID,
    globalVisitID: `g-${name}`,
    startDate,
    languageCode: 'en',
    userAgent: 'Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0',
    written: { [writer]: seq + owed },
    pages: wirePages.filter(page => page.sessionID === null),
    events: lists.visit,
    ...(automated && { automated }),
  }
  const session = {
    sessionID,
    identityId,
    visitID,
    startDate: startDate + signedInAt * stepMs + 1000,
    endDate: 0,
    pages: wirePages.filter(page => page.sessionID !== null),
    events: lists.session,
  }
  return { v: 1, sentAt: Date.now(), visits: [visit], sessions: identityId === null ? [] : [session] }
}

/** `https://shop.example/tea/fog-bell` has the title `Fog bell`. */
function toTitle(url: string): string {
  const last =
    url
      .replace(/[?#].*/, '')
      .split('/')
      .at(-1) || 'home'
  return last.charAt(0).toUpperCase() + last.slice(1).replaceAll('-', ' ')
}

/** Sends visits to a collector. @throws if it refuses one of their records. */
export async function sendVisits(url: string, plans: readonly VisitPlan[], key = 'default'): Promise<void> {
  for (const plan of plans) {
    const response = await fetch(`${url}/v1/sessions?key=${key}`, {
      method: 'POST',
      body: JSON.stringify(makeVisit(plan)),
    })
    const answer = (await response.json()) as { refused?: unknown[]; message?: string }
    if (!response.ok || answer.refused?.length)
      throw new Error(`${plan.name} was refused: ${answer.message ?? JSON.stringify(answer.refused)}`)
  }
}

/** Numbers that look random and are always the same. */
export function createRandom(seed: number): () => number {
  let state = seed
  return () => {
    state = (state * 16807) % 2147483647
    return state / 2147483647
  }
}

const shop = [
  '/',
  '/tea/fog-bell',
  '/tea/low-tide',
  '/lamps/pier-lantern',
  '/cart',
  '/checkout',
  '/account',
  '/search?q=lamp',
]
const people = ['ada', 'grace.hopper', 'hedy@example.org', 'mary', 'katherine', 'dorothy', 'annie', 'radia']
const referrers = ['', 'https://www.search.example/', 'https://news.example/item?id=1', 'https://mail.example/']

/** Makes visits to a shop over some days, more on working days. @param now the end of the last day that has visits. */
export function makeShopVisits(count: number, days: number, now: number, seed = 7): VisitPlan[] {
  const random = createRandom(seed)
  const pick = <T>(list: readonly T[]): T => list[Math.floor(random() ** 1.5 * list.length)] as T
  return Array.from({ length: count }, (_, n) => {
    const startDate = Math.floor(now - 600_000 - random() * days * 86_400_000)
    const pages = Array.from({ length: 2 + Math.floor(random() ** 2 * 7) }, () => `https://shop.example${pick(shop)}`)
    const events: [string, object][] = []
    if (random() < 0.6) events.push(['Search', { words: pick(['lamp', 'tea', 'notebook', 'gift']) }])
    if (random() < 0.5)
      events.push(['AddToCart', { sku: pick(['fog-bell', 'low-tide', 'pier-lantern']), quantity: 1 + (n % 3) }])
    if (random() < 0.2) events.push(['Purchase', { total: 10 + (n % 50), paid: true }])
    return {
      name: `shop-${seed}-${n}`,
      startDate,
      identityId: random() < 0.75 ? pick(people) : null,
      pages,
      referrer: pick(referrers),
      events,
      stepMs: 5000 + Math.floor(random() ** 2 * 240_000),
      end: random() < 0.7 ? 'signed-out' : random() < 0.6 ? 'idle' : 'open',
      owed: random() < 0.06 ? 2 : 0,
      automated: random() < 0.04,
    }
  })
}

/** Texts that try to do harm where they are shown. Each has at most 512 characters, so an identity can have it. */
export const hostileTexts: readonly string[] = [
  '<script>window.harmed = true</script>',
  '<img src=x onerror="window.harmed = true">',
  '"><svg onload=window.harmed=true>',
  'javascript:window.harmed=true',
  '\u202Egnp.exe\u202C',
  '\u2066\u2067isolated',
  '=HYPERLINK("https://evil.example","Click")',
  '+1+1',
  '@SUM(A1)',
  'a/b%2Fc?d#e&f=g',
  '%',
  '..%2f..%2f',
  '__proto__',
  'constructor',
  '\u0001\u001b[31mred\u007f\u0085',
  'Z\u0351\u036B\u0343\u036A\u0302a\u0334l\u0321g\u0322o\u0337'.repeat(10),
  '💥'.repeat(100),
  'x'.repeat(512),
  '   ',
]

/** A text of many characters, as in an address, a title or data. */
export const longText = '長い'.repeat(5000)

/** Visits with hostile texts in every field, and with times beyond what dates can say. */
export function makeHostileVisits(now: number): VisitPlan[] {
  const plain = hostileTexts.map(
    (text, n): VisitPlan => ({
      name: `hostile-${n}`,
      startDate: now - 3_600_000 - n * 60_000,
      identityId: text,
      pages: [`https://shop.example/${text}`, text, `https://shop.example/${longText}`],
      referrer: text,
      title: text,
      end: 'idle',
      reason: text,
      events: [
        [text, { [text]: text }],
        ['Hostile', { text, [text]: longText, deep: { text } }],
        [`${'n'.repeat(1000)}${n}`, {}],
      ],
    }),
  )
  const times = [0, 1, 8.64e15 + 1, Number.MAX_SAFE_INTEGER - 1_000_000, 253_402_300_800_000]
  const beyond = times.map(
    (startDate, n): VisitPlan => ({
      name: `beyond-${n}`,
      startDate,
      identityId: `beyond-${n}`,
      pages: ['https://shop.example/', 'https://shop.example/cart'],
      events: [['Beyond', { at: startDate }]],
    }),
  )
  return [...plain, ...beyond]
}
