// How a visitor of the traffic uses the shop.
import { somebody } from '../seed/people.mjs'

/** The ways to use the shop, each with its weight. */
export const ways = [
  [lookOnce, 15],
  [lookAround, 30],
  [buy, 30],
  [leaveCart, 15],
  [useTabs, 10],
]

/** A crash of the tab, without any event of the page. */
export async function crash({ page, context, shop }) {
  const crashed = page.waitForEvent('crash')
  await page.goto('chrome://crash').catch(error => {
    if (!/crash/i.test(error.message)) throw error
  })
  await crashed
  const again = await context.newPage()
  await again.goto(`${shop}/`)
  await settle(again)
}

/** A connection that goes away for a while. */
export async function goOffline({ page, context, chance }) {
  await context.setOffline(true)
  await page.evaluate(() => window.sojourn('track', 'Underground', { line: 'U3' }))
  await pause(page, chance, 2000)
  await context.setOffline(false)
  await settle(page)
}

async function lookOnce({ page, chance }) {
  await pause(page, chance, 2500)
}

async function lookAround({ page, chance }) {
  for (let left = chance.between(2, 4); left; left--) {
    await openProduct(page, chance)
    await pause(page, chance, 2500)
    await page.goBack()
  }
}

async function leaveCart({ page, chance }) {
  await addToCart(page, chance)
  await page.getByTestId('cart-link').click()
  await pause(page, chance, 2000)
}

async function buy({ page, chance, number }) {
  if (chance.is(0.4)) {
    await page.getByTestId('search-input').fill(chance.pick(['tea', 'lamp', 'a5', 'coffee']))
    await page.getByTestId('search-button').click()
    await page.waitForURL('**/*q=*')
    await pause(page, chance, 1500)
    await page.goto(new URL('/', page.url()).href)
  }
  await signIn(page, chance, number)
  for (let left = chance.between(1, 3); left; left--) {
    await page.goto(new URL('/', page.url()).href)
    await addToCart(page, chance)
  }
  await page.getByTestId('cart-link').click()
  await pause(page, chance, 2000)
  await page.getByTestId('checkout').click()
  await pause(page, chance, 1500)
  if (chance.is(0.6)) {
    await page.getByTestId('sign-out').click()
    await page.waitForURL('**/signed-out.html')
    await settle(page)
  }
}

/** Two tabs, one after the other and both together. */
async function useTabs({ page, context, chance, number }) {
  await signIn(page, chance, number)
  const second = await context.newPage()
  await second.goto(new URL('/', page.url()).href)
  await addToCart(second, chance)
  await page.getByTestId('tab-preferences').click()
  await pause(page, chance, 1500)
  await second.close()
}

async function signIn(page, chance, number) {
  const { identityId } = somebody(chance, `traffic ${number}`)
  await page.getByTestId('sign-in-link').click()
  await page.getByTestId('email').fill(identityId)
  await page.getByTestId('sign-in-button').click()
  await page.waitForURL('**/account*')
}

async function openProduct(page, chance) {
  const tiles = page.locator('.tile')
  await tiles.first().waitFor()
  await tiles.nth(chance.between(0, (await tiles.count()) - 1)).click()
  await page.getByTestId('add-to-cart').waitFor()
}

async function addToCart(page, chance) {
  await openProduct(page, chance)
  await pause(page, chance, 1200)
  await page.getByTestId('add-to-cart').click()
  await pause(page, chance, 600)
}

/** A person looks at the page for a while. */
async function pause(page, chance, meanMs) {
  await page.mouse.wheel(0, chance.between(100, 600))
  await page.waitForTimeout(Math.min(8000, 300 + chance.lasting(meanMs)))
}

/** Waits until the tracker of the page runs. */
async function settle(page) {
  await page.waitForFunction(() => window.sojourn.status?.().visitID)
}
