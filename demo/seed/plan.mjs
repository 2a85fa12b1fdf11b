// Invents what the visitors of a day did, as resources of the wire (docs/protocol.md).
import { createChance } from '../chance.mjs'
import { products } from '../site/catalogue.js'
import { anybody, program, referrers, somebody } from './people.mjs'
import { startVisit } from './visit.mjs'

const dayMs = 86_400_000
const hourMs = 3_600_000
/** How busy each hour is (UTC), and each day of the week, from Sunday. */
const hours = [2, 1, 1, 1, 1, 2, 4, 7, 10, 13, 14, 14, 12, 11, 11, 11, 12, 13, 15, 18, 19, 15, 9, 4]
const weekdays = [0.82, 1.06, 1.1, 1.12, 1.04, 0.95, 0.7]
const visitsADay = 75

/**
 * Invents the visits of one day. They depend on the seed and the day alone, so sending them again changes nothing.
 *
 * @param day days since 1970, UTC.
 * @param shop the address of the shop.
 */
export function planDay(day, seed, shop) {
  const chance = createChance(seed, 'day', day)
  const start = day * dayMs
  const season = 1 + 0.12 * Math.sin(day / 9)
  const count = Math.round(visitsADay * weekdays[(day + 4) % 7] * season * (0.88 + 0.24 * chance.next()))
  return Array.from({ length: count }, (_, number) => {
    const hour = chance.choose(hours.map((weight, one) => [one, weight]))
    const at = start + hour * hourMs + chance.between(0, hourMs - 1)
    return planVisit(createChance(seed, 'visit', day, number), seed, shop, at, number)
  })
}

function planVisit(chance, seed, shop, at, number) {
  if (chance.is(0.06)) return readEverything(chance, program(seed, number % 5), shop, at)
  const way = chance.choose([
    [lookOnce, 26],
    [lookAround, 34],
    [buy, 17],
    [signInOnly, 15],
    [leaveCart, 8],
  ])
  const hasAccount = way === buy || way === signInOnly || (way === leaveCart && chance.is(0.5))
  const who = hasAccount ? somebody(chance, seed) : anybody(chance, seed)
  const visit = startVisit(chance, who, shop, at, chance.choose(referrers))
  way(visit, chance, who)
  return visit.finish()
}

function lookOnce(visit, chance) {
  const product = chance.is(0.6) && chance.pick(products)
  visit.open(...(product ? toProduct(product) : home))
  visit.stay(14_000)
  if (chance.is(0.8)) visit.leave()
}

function lookAround(visit, chance) {
  visit.open(...home)
  visit.stay(18_000)
  if (chance.is(0.35)) search(visit, chance)
  for (let left = chance.between(1, 5); left; left--) {
    visit.open(...toProduct(popular(chance)))
    visit.stay(32_000)
  }
  if (chance.is(0.85)) visit.leave()
}

function leaveCart(visit, chance, who) {
  if (who.identityId) signIn(visit, who)
  visit.open(...home)
  visit.stay(12_000)
  add(visit, chance)
  visit.open('/cart.html', 'Cart · Harbour Lane')
  visit.stay(25_000)
  // The tab is closed, and nobody signs out.
  visit.leave()
  if (who.identityId) visit.end('idle')
}

function buy(visit, chance, who) {
  visit.open(...home)
  visit.stay(15_000)
  if (chance.is(0.45)) search(visit, chance)
  const before = chance.is(0.5)
  if (before) signIn(visit, who)
  const lines = []
  for (let left = chance.between(1, 4); left; left--) lines.push(add(visit, chance))
  if (!before) signIn(visit, who)
  visit.open('/cart.html', 'Cart · Harbour Lane')
  visit.stay(28_000)
  const total = lines.reduce((sum, { price, quantity }) => sum + price * quantity, 0) / 100
  const items = lines.map(({ id, quantity }) => ({ product: id, quantity }))
  visit.track('Checkout', { order: `HL-${chance.between(1001, 9999)}`, total, currency: 'EUR', items })
  visit.stay(9000)
  signOutOrNot(visit, chance)
}

function signInOnly(visit, chance, who) {
  visit.open(...home)
  visit.stay(9000)
  signIn(visit, who)
  if (chance.is(0.5)) {
    visit.open('/account/preferences', 'Preferences · Harbour Lane')
    visit.stay(11_000)
    visit.track('UserInfo', { letter: chance.is(0.6), location: who.location })
  }
  if (chance.is(0.4)) add(visit, chance)
  signOutOrNot(visit, chance)
}

/** Most people do not sign out. Their session ends at their last activity. */
function signOutOrNot(visit, chance) {
  if (chance.is(0.45)) {
    visit.end('signed-out')
    visit.open('/signed-out.html', 'Signed out · Harbour Lane')
    visit.stay(4000)
    visit.leave()
  } else {
    visit.leave()
    // The next visit of this browser records the end. Some browsers have not come back yet.
    if (chance.is(0.6)) visit.end('idle')
  }
}

function signIn(visit, who) {
  visit.open('/sign-in.html', 'Sign in · Harbour Lane')
  visit.stay(9000)
  visit.signIn(who)
  visit.open('/account.html', 'Account · Harbour Lane')
  visit.stay(10_000)
}

function search(visit, chance) {
  const [query, results] = chance.pick([
    ['tea', 3],
    ['lamp', 3],
    ['smoked', 1],
    ['a5', 1],
    ['coffee', 0],
    ['pen', 0],
    ['wall', 1],
  ])
  visit.track('Search', { query, results })
  visit.open(`/?q=${query}`, 'Harbour Lane')
  visit.stay(8000)
}

function add(visit, chance) {
  const product = popular(chance)
  const { id, name, price } = product
  const quantity = chance.is(0.2) ? 2 : 1
  visit.open(...toProduct(product))
  visit.stay(30_000)
  for (let one = 1; one <= quantity; one++)
    visit.track('AddToCart', { product: id, name, price: price / 100, quantity: one })
  visit.stay(4000)
  return { id, price, quantity }
}

function readEverything(chance, who, shop, at) {
  const visit = startVisit(chance, who, shop, at, '')
  for (const page of [home, ...products.map(toProduct)]) {
    visit.open(...page)
    visit.stay(700)
  }
  return visit.finish()
}

const home = ['/', 'Harbour Lane']

function toProduct({ id, name }) {
  return [`/product.html?id=${id}`, `${name} · Harbour Lane`]
}

/** Some products are looked at more than others. */
function popular(chance) {
  return products[Math.floor(products.length * chance.next() ** 1.7)]
}
