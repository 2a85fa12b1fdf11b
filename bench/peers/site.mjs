// The site of the measurements: a page for each tracker, and another origin to go to.

import { createServer } from 'node:http'
import { label } from './backend.mjs'

const blank = '<!doctype html><meta charset=utf-8><title>Peers</title><link rel=icon href=data:,><h1>Peers</h1>'

/** The page of a tracker. It starts it as a site would, and `make` records numbered events in one task. */
const toPage = (name, url) => `${blank}<script src="/${name}.js"></script><script>
Peer.start('${url}')
Peer.identify('user-42')
Peer.page()
window.make = (from, to, more) => {
  for (let n = from; n < to; n++)
    Peer.track('AddToCart', { n: String(n), label: '${label}', price: 19.95, currency: 'EUR', ...more })
}
</script>`

/** @param scripts the built trackers by name. @param url where the trackers send to. */
export async function startSite(scripts, url) {
  const server = createServer((request, response) => {
    const { pathname } = new URL(request.url, 'http://site')
    response.setHeader('Cache-Control', 'no-store')
    if (pathname === '/blank') {
      // An isolated page has a clock of 5 µs instead of 100 µs.
      response.setHeader('Cross-Origin-Opener-Policy', 'same-origin')
      response.setHeader('Cross-Origin-Embedder-Policy', 'require-corp')
    }
    const [, name, isScript] = /^\/(\w+)(\.js)?$/.exec(pathname) ?? []
    response.setHeader('Content-Type', isScript ? 'text/javascript' : 'text/html')
    response.end(isScript ? scripts[name] : scripts[name] ? toPage(name, url) : blank)
  })
  await new Promise(resolve => server.listen(0, '127.0.0.1', resolve))
  return {
    base: `http://127.0.0.1:${server.address().port}`,
    stop() {
      server.closeAllConnections()
      server.close()
    },
  }
}
