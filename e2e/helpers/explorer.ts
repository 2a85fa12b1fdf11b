import { AxeBuilder } from '@axe-core/playwright'
import { expect, type Page } from '@playwright/test'
import { isLong } from './long.js'

/** The address of a page of the explorer, on a collector that has only the site `default`. */
export function toExplorer(url: string, ...steps: readonly string[]): string {
  return `${url}/explore/default/${steps.map(encodeURIComponent).join('/')}`
}

/** Expects that axe finds nothing serious on the page: in light colors, and in the long form in dark ones too. */
export async function expectAccessible(page: Page): Promise<void> {
  for (const colorScheme of isLong ? (['light', 'dark'] as const) : (['light'] as const)) {
    await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' })
    const { violations } = await new AxeBuilder({ page }).setLegacyMode().analyze()
    const serious = violations.filter(({ impact }) => impact === 'serious' || impact === 'critical')
    const found = serious.flatMap(({ id, nodes }) =>
      nodes.map(({ html, failureSummary }) => [id, html, failureSummary]),
    )
    expect(found, colorScheme).toEqual([])
  }
}
