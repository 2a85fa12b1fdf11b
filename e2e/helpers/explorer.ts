import { AxeBuilder } from '@axe-core/playwright'
import { expect, type Page } from '@playwright/test'

/** The address of a page of the explorer, on a collector that has only the site `default`. */
export function toExplorer(url: string, ...steps: readonly string[]): string {
  return `${url}/explore/default/${steps.map(encodeURIComponent).join('/')}`
}

/** Collects what the browser says is wrong: errors of scripts, and what the policy of the page has blocked. */
export function watch(page: Page): string[] {
  const problems: string[] = []
  page.on('pageerror', error => problems.push(error.message))
  page.on('console', message => {
    if (message.type() === 'error') problems.push(message.text())
  })
  page.on('dialog', dialog => {
    problems.push(`dialog: ${dialog.message()}`)
    void dialog.dismiss()
  })
  return problems
}

/** Expects that axe finds nothing serious on the page, in both color schemes. */
export async function expectAccessible(page: Page): Promise<void> {
  for (const colorScheme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' })
    const { violations } = await new AxeBuilder({ page }).analyze()
    const serious = violations.filter(({ impact }) => impact === 'serious' || impact === 'critical')
    const found = serious.flatMap(({ id, nodes }) =>
      nodes.map(({ html, failureSummary }) => [id, html, failureSummary]),
    )
    expect(found, colorScheme).toEqual([])
  }
}
