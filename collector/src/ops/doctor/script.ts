import { createHash } from 'node:crypto'
import { parseAddress, toFileName, toPluginNames } from '../../scripts/address.js'
import type { Answer, Ask } from './ask.js'
import { examineBlocked } from './blocked.js'
import { bad, type Finding, good } from './finding.js'
import type { Page, Tag } from './page.js'

/** Looks whether a browser loads the script of a tag, runs it, and finds the plugins that the tag names. */
export async function examineScript(ask: Ask, page: Page, tag: Tag): Promise<Finding[]> {
  const { src, nonce, isCors } = tag
  const blocked = examineBlocked(page, { kind: 'script', url: src, page: page.url, nonce })
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
  const plugins = await examinePlugins(ask, tag)
  return blocked.length ? [...blocked, ...plugins] : [good('the script loads'), ...plugins]
}

/** Looks for the plugins that a tag names and its script does not have: the script loads them, unless the tag has a hash. */
async function examinePlugins(ask: Ask, { src, integrity, plugins }: Tag): Promise<Finding[]> {
  const own = parseAddress(src.pathname.slice(src.pathname.lastIndexOf('/') + 1))?.plugins ?? []
  const missing = toPluginNames(plugins ?? '').filter(name => !own.includes(name))
  if (!missing.length) return []
  const names = missing.join(', ')
  if (integrity !== null)
    return [
      bad(
        `the tag names plugins that its script does not have, and its hash allows no other: ${names}`,
        'take a tag with them from the Set-up page, or from site tag',
      ),
    ]
  const url = new URL(toFileName({ kind: 'module', release: null, plugins: missing }), src)
  const status = await ask(url).then(
    answer => `status ${answer.status}`,
    (error: Error) => error.message,
  )
  if (status === 'status 200') return [good(`the plugins load: ${names}`)]
  return [
    bad(`the plugins cannot be loaded: ${names} (${status})`, 'correct data-plugins', `  they are at ${url.href}`),
  ]
}

/** Whether a text has one of the strongest hashes that the attribute `integrity` names, as a browser compares them. */
function isWhole(text: string, integrity: string): boolean {
  const hashes = [...integrity.matchAll(/(sha256|sha384|sha512)-([\w+/=-]+)/g)]
  const strongest = hashes
    .map(([, name = '']) => name)
    .toSorted()
    .at(-1)
  if (strongest === undefined) return true
  const actual = createHash(strongest).update(text).digest('base64')
  return hashes.some(([, name, hash]) => name === strongest && hash === actual)
}

/** What is wrong with the reply to the script. `null`: nothing. */
function examineLoaded({ status, headers, text }: Answer, page: Page, { src, isCors, integrity }: Tag): Finding | null {
  const isForeign = src.origin !== page.url.origin
  const type = headers.get('Content-Type') ?? ''
  if (integrity !== null && isForeign && !isCors)
    return bad(
      'the tag has a hash (integrity) and no crossorigin, so a browser does not run the script',
      'add crossorigin="anonymous" to it',
    )
  const missing = Object.keys(missingScripts).find(code => status === 404 && text.includes(`"${code}"`))
  if (missing) return bad(`the script ${src.href} gets status 404: ${missing}`, missingScripts[missing] as string)
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
  if (isCors && isForeign && allowed !== '*' && allowed !== page.url.origin)
    return bad(
      'a browser may not read the script, because the tag is a module or has crossorigin',
      'serve it with Access-Control-Allow-Origin: *',
    )
  if (integrity !== null && !isWhole(text, integrity))
    return bad(
      'the script is not the one of the hash in the tag (integrity), so a browser does not run it',
      'take the tag anew from the Set-up page, or from site tag --pinned; a proxy must not change the script',
    )
  return null
}

/** What to do about the answers of a collector that has no such script. */
const missingScripts: Readonly<Record<string, string>> = {
  'unknown-plugin': 'correct the names of plugins in the src of the tag',
  'unknown-release': 'take the tag anew from the Set-up page, or from site tag: this collector has another database',
}
