import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { join, posix } from 'node:path'
import { parse } from 'parse5'
import { repository, root, siteFolder } from './places.mjs'

/**
 * What is wrong with the links of the site: pages, anchors and files that do not exist, here or in the repository, and whatever a
 * strict Content-Security-Policy would refuse. Links to other sites are not followed.
 */
export function findFaults(folder = siteFolder) {
  const names = readdirSync(folder, { recursive: true, encoding: 'utf8' }).map(name => name.replaceAll('\\', '/'))
  const pages = new Map(
    names
      .filter(name => name.endsWith('.html'))
      .map(name => [name, readPage(readFileSync(join(folder, name), 'utf8'))]),
  )
  const faults = []
  for (const [name, { links, strict }] of pages) {
    for (const what of strict) faults.push(`${name}: ${String(what)}`)
    for (const link of links) {
      const fault = findFault(link, name, { names, pages })
      if (fault) faults.push(`${name}: ${String(link)}: ${fault}`)
    }
  }
  return faults
}

function findFault(link, name, { names, pages }) {
  if (link.startsWith(`${repository}/`)) {
    const [, path = ''] = /^\/(?:blob|tree|raw)\/main\/([^#]*)/.exec(link.slice(repository.length)) ?? []
    return path && !existsSync(join(root, path)) ? 'no such file in the repository' : null
  }
  if (/^[a-z]+:/.test(link)) return null
  const [path = '', anchor] = link.split('#')
  const target = path ? posix.join(posix.dirname(name), path) : name
  if (!names.includes(target) || statSync(join(siteFolder, target)).isDirectory()) return 'no such file'
  return anchor !== undefined && !pages.get(target)?.ids.has(decodeURIComponent(anchor)) ? 'no such anchor' : null
}

/** The links and the ids of a page, and what in it is a script or a style. */
function readPage(html) {
  const [links, ids, strict] = [[], new Set(), []]
  const visit = node => {
    const { attrs = [], childNodes = [], tagName } = node
    for (const { name, value } of attrs) {
      if (name === 'href' || name === 'src') links.push(value)
      if (name === 'id') {
        if (ids.has(value)) strict.push(`two elements have the id ${value}`)
        ids.add(value)
      }
      if (name === 'style' || name.startsWith('on')) strict.push(`an attribute ${name}`)
    }
    if (tagName === 'style' || (tagName === 'script' && childNodes.length)) strict.push(`an inline ${tagName}`)
    childNodes.forEach(visit)
  }
  visit(parse(html))
  return { links, ids, strict }
}
