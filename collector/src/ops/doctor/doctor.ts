import { type Answer, type Ask, createAsk } from './ask.js'
import { examineBlocked, examineSandbox } from './blocked.js'
import { examineCollector } from './collector.js'
import { bad, type Finding, good } from './finding.js'
import { type Page, readPage, type Tag } from './page.js'
import { examineScript } from './script.js'

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
  report(examineTag(page, tag, key, collector), ...examineSandbox(page))
  if (tag) report(...(await examineScript(ask, page, tag)))
  const base = collector ?? tag?.collector ?? (tag && new URL('.', tag.src))
  const usedKey = key ?? tag?.key
  if (!base || usedKey === undefined) return false
  const url = new URL(`${base.pathname.replace(/\/$/, '')}/v1/sessions`, base)
  const blocked = examineBlocked(page, { kind: 'connect', url, page: page.url, nonce: null })
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
