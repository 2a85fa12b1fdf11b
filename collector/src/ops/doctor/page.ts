import { type DefaultTreeAdapterMap, parse } from 'parse5'
import { type Policy, parsePolicies } from '../../sites/csp.js'
import type { Answer } from './ask.js'

/** The tag of the script, as a page has it. */
export interface Tag {
  readonly key: string
  readonly src: URL
  readonly nonce: string | null
  /** The attribute `data-collector`, as an address; `null` if there is none. Then the collector is where the script is. */
  readonly collector: URL | null
  /** Whether the browser loads it with CORS: a module, or a tag with `crossorigin`. */
  readonly isCors: boolean
  /** The attribute `integrity`; `null` if there is none, or none of use. */
  readonly integrity: string | null
  /** The attribute `data-plugins`; `null` if there is none. */
  readonly plugins: string | null
}

/** What a page says of its installation. */
export interface Page {
  readonly url: URL
  readonly tags: readonly Tag[]
  /** A script that is called `sojourn`, but whose tag has no `data-key`. */
  readonly hasBareTag: boolean
  readonly policies: readonly Policy[]
  /** The words of each directive `sandbox`, in small letters. A browser heeds it in headers only. */
  readonly sandboxes: readonly (readonly string[])[]
}

type Node = DefaultTreeAdapterMap['node']
type Element = DefaultTreeAdapterMap['element']

/** Reads a page as a browser does. What scripts add to it is not seen. */
export function readPage({ url, headers, text }: Answer): Page {
  const elements = elementsOf(parse(text))
  const base = elements.flatMap(one => (one.tagName === 'base' ? (attributeOf(one, 'href') ?? []) : []))[0]
  const toUrl = (address: string): URL | null =>
    URL.parse(address.trim(), (URL.parse(base ?? '', url.href) ?? url).href)
  const scripts = elements.filter(({ tagName }) => tagName === 'script')
  const metas = elements.filter(
    one => one.tagName === 'meta' && attributeOf(one, 'http-equiv')?.toLowerCase() === 'content-security-policy',
  )
  const own = parsePolicies(headers.get('Content-Security-Policy') ?? '')
  return {
    url,
    tags: scripts.flatMap(script => toTag(script, toUrl) ?? []),
    hasBareTag: scripts.some(
      one => attributeOf(one, 'data-key') === null && /sojourn/.test(attributeOf(one, 'src') ?? ''),
    ),
    policies: [...own, ...metas.flatMap(one => parsePolicies(attributeOf(one, 'content') ?? ''))],
    sandboxes: own.flatMap(one => {
      const words = one.get('sandbox')
      return words ? [words.map(word => word.toLowerCase())] : []
    }),
  }
}

function toTag(script: Element, toUrl: (address: string) => URL | null): Tag | null {
  const [key, address] = [attributeOf(script, 'data-key'), attributeOf(script, 'src')]
  const src = address === null ? null : toUrl(address)
  if (key === null || !src) return null
  const collector = attributeOf(script, 'data-collector')
  return {
    key,
    src,
    nonce: attributeOf(script, 'nonce'),
    collector: collector === null ? null : toUrl(collector),
    isCors: attributeOf(script, 'type') === 'module' || attributeOf(script, 'crossorigin') !== null,
    integrity: attributeOf(script, 'integrity') || null,
    plugins: attributeOf(script, 'data-plugins'),
  }
}

function elementsOf(node: Node): Element[] {
  const found: Element[] = []
  // A list instead of recursion, because a page may be deep.
  const todo: Node[] = [node]
  for (let next = todo.pop(); next; next = todo.pop()) {
    if ('tagName' in next) found.push(next)
    if ('childNodes' in next) todo.push(...next.childNodes.toReversed())
  }
  return found
}

function attributeOf({ attrs }: Element, name: string): string | null {
  return attrs.find(one => one.name === name)?.value ?? null
}
