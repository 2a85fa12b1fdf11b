import { limits } from 'sojourn/record'
import type { Answer, Ask } from './ask.js'
import { bad, type Finding, good } from './finding.js'

/** Where a page sends. */
export interface Target {
  /** The address to which batches are posted, without the key. */
  readonly url: URL
  readonly key: string
  /** The origin of the page. */
  readonly origin: string
}

/** How far clocks may differ before it is said. */
const maxClockErrorMs = 30_000

/**
 * Sends a preflight and an empty batch, as the page would, and says what the answers mean. An empty batch stores nothing.
 *
 * @param pageDate the `Date` of the reply with the page; `null` if it had none.
 */
export async function examineCollector(
  ask: Ask,
  target: Target,
  now: () => number,
  pageDate: string | null,
): Promise<Finding[]> {
  const address = new URL(target.url)
  address.searchParams.set('key', target.key)
  const headers = { Origin: target.origin, 'Content-Type': 'text/plain;charset=UTF-8' }
  const body = JSON.stringify({
    v: limits.protocolVersion,
    sentAt: now(),
    lib: 'sojourn-doctor',
    visits: [],
    sessions: [],
  })
  let answer: Answer
  try {
    answer = await ask(address, { method: 'POST', body, headers, redirect: 'manual' })
  } catch (error) {
    return [
      bad(
        `the collector at ${target.url.origin} cannot be reached: ${(error as Error).message}`,
        'start it, or correct its address',
      ),
    ]
  }
  const at = now()
  const taken = examineAnswer(answer, target)
  if (!taken.isGood) return [taken]
  const asked = await ask(address, {
    method: 'OPTIONS',
    redirect: 'manual',
    headers: {
      Origin: target.origin,
      'Access-Control-Request-Method': 'POST',
      'Access-Control-Request-Headers': 'content-type',
    },
  }).catch(() => null)
  return [taken, examinePreflight(asked, target), examineClock(answer, at, pageDate)]
}

/** What the answer to the batch means. */
function examineAnswer({ status, headers, text }: Answer, { url, key, origin }: Target): Finding {
  const said = toObject(text)
  const code = typeof said?.v === 'number' ? said.error : undefined
  if (status === 200 && said?.v === limits.protocolVersion && Array.isArray(said.stored))
    return isReadable(headers, url, origin)
      ? good(`the collector takes records with this key from ${origin}`)
      : bad(
          `the collector takes records, but its answer does not allow ${origin} to read it`,
          'a proxy removes Access-Control-Allow-Origin; let it pass the headers of the collector on',
        )
  if (status >= 300 && status < 400)
    return bad(
      `${url.href} redirects (${status}), so a browser sends no records there`,
      `give the final address: ${headers.get('Location') ?? 'it is not named'}`,
    )
  if (code === 'wrong-key')
    return bad(
      `the collector does not know the key ${key} (401)`,
      `correct data-key, or start the collector with --key ${key}, or add a site with that key`,
    )
  if (code === 'unknown-origin')
    return bad(
      `the collector does not know the origin ${origin} (403), so pages there may not send`,
      `start the collector with --origin ${origin}, or add that origin to the site`,
    )
  if (code === 'not-found')
    return bad(
      `a collector answers at ${url.origin}, but not at the path ${url.pathname} (404)`,
      'let the proxy remove what stands before /v1, or correct the address of the collector',
    )
  if (typeof code === 'string')
    return bad(
      `the collector takes no records now: ${code} (${status})`,
      typeof said?.message === 'string' ? said.message : 'look into its log',
    )
  return bad(
    `no collector answers at ${url.href} (status ${status})`,
    status === 404
      ? 'correct the address of the collector'
      : 'something else answers there: a proxy, a firewall or a login page',
  )
}

/** A page whose scripts add headers to its requests needs a preflight. */
function examinePreflight(answer: Answer | null, { url, origin }: Target): Finding {
  if (url.origin === origin) return good('the page needs no preflight, because the collector has its origin')
  if (answer && answer.status >= 200 && answer.status < 300 && isReadable(answer.headers, url, origin))
    return good('the collector answers the preflight')
  return bad(
    `the preflight of a page gets ${answer ? `status ${answer.status}` : 'no answer'}`,
    'let the proxy pass OPTIONS on to the collector, and change none of the Access-Control headers of its reply',
  )
}

function isReadable(headers: Headers, url: URL, origin: string): boolean {
  const allowed = headers.get('Access-Control-Allow-Origin')
  return url.origin === origin || allowed === '*' || allowed === origin
}

/** Whose clock is off is said by the third: this machine, the collector and the server of the page. */
function examineClock({ text }: Answer, here: number, pageDate: string | null): Finding {
  const collector = Number(toObject(text)?.now)
  const error = Math.round(Math.abs(collector - here) / 1000)
  if (!(Math.abs(collector - here) > maxClockErrorMs)) return good('the clock of the collector is right')
  const page = Date.parse(pageDate ?? '')
  const isHere = Math.abs(page - collector) <= maxClockErrorMs
  return isHere
    ? bad(
        `the clock of this machine is ${error} s off; those of the collector and of the page agree`,
        'set it, and look again',
      )
    : bad(
        `the clock of the collector is ${error} s off`,
        'set it, for instance by NTP: sessions end and records expire by this clock',
      )
}

function toObject(text: string): Record<string, unknown> | null {
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : null
  } catch {
    // The page of a proxy.
    return null
  }
}
