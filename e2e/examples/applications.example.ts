import { spawnSync } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, type Page, test } from '@playwright/test'
import { type Example, examples, sessionsOf, start } from './start.js'

const added = { eventName: 'AddToCart', data: { sku: 'desk-lamp', price: 39.5 } }

/** What a visitor does in an application: opens it, signs in, adds a lamp, and goes on to another page. */
async function visit(page: Page, example: Example, link: string): Promise<void> {
  await page.goto(example.page)
  await page.getByRole('button', { name: 'Sign in as Ada' }).click()
  await page.getByRole('button', { name: 'Add to cart' }).click()
  await page.getByRole('link', { name: link }).click()
  await expect(page.getByRole('heading', { level: 1 })).toHaveText(link === 'About' ? 'About us' : link)
}

/** Starts the example of this name for a test, with the command of its README. */
async function startFor(name: string): Promise<{ example: Example; stop: () => Promise<void> }> {
  const example = examples[name] as Example
  const stop = await start(example, [`${example.collector}/healthz`, example.page], ['npm', 'start'])
  return { example, stop }
}

test.describe.configure({ timeout: 400_000 })

test.describe('the example page', () => {
  test.skip(!('page' in examples), 'npm run examples')

  test('records a session over two pages without a build', async ({ page }) => {
    const { example, stop } = await startFor('page')
    try {
      await visit(page, example, 'About')
      await page.getByRole('link', { name: 'Lamps' }).click()
      await page.getByRole('button', { name: 'Sign out' }).click()
      await expect
        .poll(() => sessionsOf(example, 'user-42'))
        .toEqual([
          {
            isClosed: true,
            events: expect.arrayContaining([
              expect.objectContaining({ eventName: 'SignIn' }),
              expect.objectContaining(added),
            ]),
            titles: ['Lamps', 'About us', 'Lamps'],
          },
        ])
    } finally {
      await stop()
    }
  })
})

test.describe('the example for Vite', () => {
  test.skip(!('vite' in examples), 'npm run examples')

  test('records its routes and its events, and shows who is signed in', async ({ page }) => {
    const { example, stop } = await startFor('vite')
    try {
      await visit(page, example, 'Cart')
      await expect(page.getByText('You are user-42.')).toBeVisible()
      await page.getByRole('button', { name: 'When does it come?' }).click()
      await page.getByRole('button', { name: 'Sign out' }).click()
      await expect(page.getByText('You are not signed in.')).toBeVisible()
      await expect
        .poll(() => sessionsOf(example, 'user-42'))
        .toEqual([
          {
            isClosed: true,
            events: expect.arrayContaining([
              expect.objectContaining(added),
              expect.objectContaining({ eventName: 'Help', data: { topic: 'delivery' } }),
            ]),
            titles: ['Lamps', 'Cart'],
          },
        ])
    } finally {
      await stop()
    }
  })

  test('compiles, and does not with the name of an event that is wrong', () => {
    const { folder } = examples.vite as Example
    const check = () => spawnSync('npm', ['run', '--silent', 'check'], { cwd: folder, encoding: 'utf8' }).stdout
    expect(check()).toBe('')
    const path = join(folder, 'src/main.ts')
    const text = readFileSync(path, 'utf8')
    writeFileSync(path, text.replace("'AddToCart'", "'AddToCard'"))
    expect(check()).toContain('AddToCard')
    writeFileSync(path, text)
    const built = spawnSync('npm', ['run', '--silent', 'build'], { cwd: folder, encoding: 'utf8' })
    expect([built.status, built.stderr]).toEqual([0, ''])
  })
})

test.describe('the example for Next', () => {
  test.skip(!('next' in examples), 'npm run examples')

  test('follows the user of the application, and records its routes', async ({ page }) => {
    const { example, stop } = await startFor('next')
    try {
      await visit(page, example, 'Cart')
      await expect(page.getByText('You are user-42.')).toBeVisible()
      await page.getByRole('button', { name: 'Sign out' }).click()
      await expect(page.getByText('You are not signed in.')).toBeVisible()
      await expect
        .poll(() => sessionsOf(example, 'user-42'))
        .toEqual([
          {
            isClosed: true,
            events: expect.arrayContaining([expect.objectContaining(added)]),
            titles: ['Lamps', 'Cart'],
          },
        ])
    } finally {
      await stop()
    }
  })
})
