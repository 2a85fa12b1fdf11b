import type { ComponentChildren, JSX } from 'preact'
import { base } from '../base.js'

/** The pages of the documentation that the explorer leads to, by what a person wants to know. */
export const docPages = {
  start: 'index.html',
  tag: 'guide/in-a-page.html#the-tag',
  plugins: 'guide/plugins.html',
  policy: 'guide/in-a-page.html#a-strict-content-security-policy',
  signIn: 'guide/in-a-page.html#who-signs-in-and-what-they-do',
  application: 'guide/in-an-application.html',
  isItWorking: 'guide/is-it-working.html',
  codes: 'protocol.html#the-answer',
  tokens: 'operate.html#4-give-tokens-to-readers',
  proxy: 'operate.html#5-put-a-proxy-with-tls-in-front',
  alarms: 'operate.html#what-to-do-at-each-alarm',
} as const

/** Whether the collector serves the documentation: then it leaves its link in the page. */
export function hasDocs(): boolean {
  return document.querySelector('link[rel="help"]') !== null
}

/**
 * A link to a page of the documentation, in a tab of its own, so that nothing of this one is lost. Nothing at all if the collector
 * serves no documentation, so a sentence must do without it.
 */
export function DocLink({
  page,
  children,
}: {
  readonly page: keyof typeof docPages
  readonly children: ComponentChildren
}): JSX.Element | null {
  if (!hasDocs()) return null
  return (
    <a class="doc-link" href={`${base}docs/${docPages[page]}`} target="_blank" rel="noopener">
      {children}
    </a>
  )
}
