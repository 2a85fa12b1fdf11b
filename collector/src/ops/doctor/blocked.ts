import { type Access, findBlocked } from '../../sites/csp.js'
import { isLoopbackName } from '../../sites/origins.js'
import { bad, type Finding } from './finding.js'
import type { Page } from './page.js'

/** What keeps a page from loading or calling something: its own address, or its policies. Empty: nothing. */
export function examineBlocked(page: Page, access: Access): Finding[] {
  const what = access.kind === 'script' ? 'script' : 'collector'
  return [...examineMixed(page, access.url, what), ...examinePolicy(page, access)]
}

/** A page in a sandbox runs no scripts and has no origin, unless the policy allows both. */
export function examineSandbox({ sandboxes }: Page): Finding[] {
  const isMissing = (word: string): boolean => sandboxes.some(words => !words.includes(word))
  const lacks = ['allow-scripts', 'allow-same-origin'].filter(isMissing)
  const text = 'the Content-Security-Policy of the page puts it into a sandbox, where it can record nothing'
  return lacks.length ? [bad(text, `add to the line sandbox of the policy: ${lacks.join(' ')}`)] : []
}

/** Every policy of a page must allow what it does. */
function examinePolicy({ policies }: Page, access: Access): Finding[] {
  const what = access.kind === 'script' ? 'the script' : 'requests to the collector'
  return policies.flatMap(policy => {
    const blocked = findBlocked(policy, access)
    if (!blocked) return []
    const text = `the Content-Security-Policy of the page blocks ${what}`
    if (blocked.needsNonce)
      return bad(
        text,
        'give the tag the nonce of the page, because the policy has \'strict-dynamic\': <script nonce="…"',
      )
    return bad(text, 'change this line of the policy to:', `  ${blocked.line}`)
  })
}

function examineMixed({ url }: Page, target: URL, what: 'script' | 'collector'): Finding[] {
  const isHere = isLoopbackName(target.hostname)
  if (isHere && !isLoopbackName(url.hostname))
    return [
      bad(
        `the ${what} is at ${target.host}, which is the visitor's own machine`,
        'give the address under which others reach it',
      ),
    ]
  if (url.protocol !== 'https:' || target.protocol === 'https:' || isHere) return []
  return [
    bad(
      `the page is HTTPS and the ${what} is HTTP (${target.origin}), so a browser blocks it`,
      `give the ${what} an address with https://`,
    ),
  ]
}
