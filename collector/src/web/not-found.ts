import { makeErrorReply, type Reply } from '../reply/reply.js'
import { toPlainPageHeaders } from './plain-page.js'

/** What people can be led to. */
export interface Places {
  readonly hasExplorer: boolean
  readonly hasDocs: boolean
  readonly hasApi: boolean
}

const style = `:root{color-scheme:light dark}
body{margin:0 auto;max-width:34rem;padding:4rem 1rem;font:1rem/1.5 system-ui,sans-serif;overflow-wrap:anywhere}
h1{font-size:1.5rem;line-height:1.25}a{text-underline-offset:.2em}`

const headers: Readonly<Record<string, string>> = {
  ...toPlainPageHeaders(style),
  'Content-Type': 'text/html; charset=UTF-8',
  'Cache-Control': 'no-store',
}

/** Says that there is nothing at this address: to a browser that opens it as a page, and to a program as JSON. */
export function makeNotFound(request: Request, places: Places): Reply {
  const vary = { Vary: 'Accept' }
  // Programs ask for everything.
  if (!/\btext\/html\b/i.test(request.headers.get('Accept') ?? ''))
    return makeErrorReply(404, 'not-found', 'there is nothing at this address', {}, vary)
  return { status: 404, headers: { ...headers, ...vary }, body: toPage(new URL(request.url).pathname, places) }
}

function toPage(path: string, { hasExplorer, hasDocs, hasApi }: Places): string {
  // Relative, because only the browser knows the path below which a proxy serves the collector.
  const up = '../'.repeat(path.split('/').length - 2) || './'
  const links = [
    hasDocs && `<a href="${up}docs/">The documentation</a>, and <a href="${up}docs/#search">its search</a>`,
    hasExplorer && `<a href="${up}">The explorer</a>: what visitors do, and the tag for your site`,
    hasApi && `<a href="${up}openapi">Every address</a> that programs can ask`,
  ].filter(Boolean)
  return `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Nothing is here · Sojourn</title>
<style>${style}</style>
<main>
<h1>Nothing is at this address</h1>
<p>This is a collector of Sojourn. It has no page with this name.</p>
${links.length ? `<ul>\n${links.map(link => `<li>${link}</li>`).join('\n')}\n</ul>\n` : ''}</main>
</html>
`
}
