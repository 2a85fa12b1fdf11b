import { type Access, findBlocked } from '../../sites/csp.js'
import { isLoopbackName } from '../../sites/origins.js'
import { type Answer, type Ask, createAsk } from './ask.js'
import { examineCollector } from './collector.js'
import { bad, type Finding, good } from './finding.js'
import { type Page, readPage, type Tag } from './page.js'

/** What is to be examined. */
export interface Case {
  readonly page: URL
  /** The write key. `null`: that of the tag. */
  readonly key: string | null
  /** The base address of the collector. `null`: that of the tag. */
  readonly collector: URL | null
}

/** What the doctor needs. */
export interface DoctorParts {
  readonly fetch: typeof globalThis.fetch
  /** Unix epoch, ms. */
  readonly now: () => number
  /** Is called with each finding, in the order in which they are made. */
  readonly report: (finding: Finding) => void
}

const npm = 'an application that uses the npm package has no tag: give --key and --collector as createTracker has them'

/**
 * Examines an installation from outside, as a browser would meet it: the page, its tag, its policy, the script and the
 * collector. Nothing is stored.
 *
 * @returns whether all is well.
 */
export async function examine({ page: address, key, collector }: Case, parts: DoctorParts): Promise<boolean> {
  const ask = createAsk(parts.fetch)
  let isWell = true
  const report = (...findings: readonly Finding[]): void => {
    for (const finding of findings) {
      isWell &&= finding.isGood
      parts.report(finding)
    }
  }
  const answer = await openPage(ask, address, report)
  if (!answer) return false
  const page = readPage(answer)
  const tag = page.tags.find(one => key === null || one.key === key) ?? page.tags[0] ?? null
  report(examineTag(page, tag, key, collector))
  if (tag) report(...(await examineScript(ask, page, tag)))
  const base = collector ?? tag?.collector ?? (tag && new URL('.', tag.src))
  const usedKey = key ?? tag?.key
  if (!base || usedKey === undefined) return false
  const url = new URL(`${base.pathname.replace(/\/$/, '')}/v1/sessions`, base)
  const blocked = [
    ...examineMixed(page, url, 'collector'),
    ...examinePolicy(page, { kind: 'connect', url, page: page.url, nonce: null }),
  ]
  report(...blocked)
  if (!blocked.some(({ isGood }) => !isGood) && page.policies.length)
    report(good('the policy of the page allows it to send'))
  const target = { url, key: usedKey, origin: page.url.origin }
  report(...(await examineCollector(ask, target, parts.now, answer.headers.get('Date'))))
  return isWell
}

async function openPage(ask: Ask, url: URL, report: (finding: Finding) => void): Promise<Answer | null> {
  try {
    const headers = { Accept: 'text/html,application/xhtml+xml;q=0.9,*/*;q=0.8', 'Accept-Language': 'en' }
    const answer = await ask(url, { headers })
    const { status, url: reached } = answer
    const shown = `${reached.origin}${reached.pathname}`
    if (status >= 400)
      report(bad(`the page ${shown} answers with status ${status}`, 'name a page that visitors can open'))
    else if (!/html/i.test(answer.headers.get('Content-Type') ?? 'text/html'))
      report(bad(`${shown} is no HTML page`, 'name a page that visitors can open'))
    else {
      report(
        good(
          url.origin === reached.origin
            ? `the page ${shown} opens`
            : `the page leads to ${shown}, so its origin is ${reached.origin}`,
        ),
      )
      return answer
    }
  } catch (error) {
    report(bad(`the page cannot be opened: ${(error as Error).message}`, 'correct its address'))
  }
  return null
}

function examineTag({ tags, hasBareTag }: Page, tag: Tag | null, key: string | null, collector: URL | null): Finding {
  if (tag && (key === null || tag.key === key)) return good(`the page has the tag, with the key ${tag.key}`)
  if (tag)
    return bad(
      `the tag of the page has the key ${tags.map(one => one.key).join(' and ')}, not ${key}`,
      'correct data-key, or give the other key',
    )
  if (hasBareTag) return bad('the tag of the page has no data-key', `add data-key="${key ?? 'your-site'}" to it`)
  if (key !== null && collector) return good('the page has no tag, as in an application that uses the npm package')
  return bad('the page has no tag, unless a script adds it', 'paste the tag into the head of the page', npm)
}

async function examineScript(ask: Ask, page: Page, tag: Tag): Promise<Finding[]> {
  const { src, nonce, isCors } = tag
  const blocked = [
    ...examineMixed(page, src, 'script'),
    ...examinePolicy(page, { kind: 'script', url: src, page: page.url, nonce }),
  ]
  let answer: Answer
  try {
    answer = await ask(src, { headers: { Referer: page.url.href, ...(isCors && { Origin: page.url.origin }) } })
  } catch (error) {
    return [
      ...blocked,
      bad(
        `the script ${src.href} cannot be loaded: ${(error as Error).message}`,
        'correct the src of the tag, or start what serves it',
      ),
    ]
  }
  const trouble = examineLoaded(answer, page, tag)
  if (trouble) return [...blocked, trouble]
  return blocked.length ? blocked : [good('the script loads')]
}

/** What is wrong with the reply to the script. `null`: nothing. */
function examineLoaded({ status, headers, text }: Answer, page: Page, { src, isCors }: Tag): Finding | null {
  const type = headers.get('Content-Type') ?? ''
  if (status !== 200)
    return bad(
      `the script ${src.href} gets status ${status}`,
      status === 404 ? 'correct the path in the src of the tag' : 'look at what serves it',
    )
  if (
    !/(java|ecma)script/i.test(type) &&
    (isCors || /nosniff/i.test(headers.get('X-Content-Type-Options') ?? '') || /html/i.test(type))
  )
    return bad(
      `the script ${src.href} has the type ${type || 'of nothing'}, so a browser does not run it`,
      'serve it as text/javascript',
    )
  if (!text.includes('/v1/sessions'))
    return bad(`${src.href} is not the script of Sojourn`, 'correct the src of the tag')
  const allowed = headers.get('Access-Control-Allow-Origin')
  if (isCors && src.origin !== page.url.origin && allowed !== '*' && allowed !== page.url.origin)
    return bad(
      'a browser may not read the script, because the tag is a module or has crossorigin',
      'serve it with Access-Control-Allow-Origin: *',
    )
  return null
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
