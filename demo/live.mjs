// Forwards reads to the collector, so that the page asks only its own origin.
import { request } from 'node:http'

/** Answers a GET below `/v1` or `/backend/data` with the collector's answer, unchanged. */
export async function forward(ask, path) {
  if (!/^\/(v1|backend\/data)\//.test(path)) return { status: 404, body: 'There is no such page.' }
  try {
    const { status, type, text } = await ask(path)
    return { status, type, body: text }
  } catch {
    return { status: 502, body: 'The collector does not answer.' }
  }
}

/**
 * Asks the collector in the name of a visitor: with the host that the visitor has asked for, and with the headers of every
 * proxy between. So the collector decides itself whether this visitor may read, as if it was asked directly.
 */
export function askFor(visitor, url) {
  const passed = Object.entries(visitor.headers).filter(([name]) =>
    /^(host|authorization|forwarded|via|x-real-ip|x-forwarded-.*)$/.test(name),
  )
  return new Promise((resolve, reject) => {
    const asking = request(url, { headers: Object.fromEntries(passed), timeout: 3000 }, async answer => {
      try {
        const text = (await answer.setEncoding('utf8').toArray()).join('')
        resolve({ status: answer.statusCode, type: answer.headers['content-type'], text })
      } catch (error) {
        reject(error)
      }
    })
    asking.on('timeout', () => asking.destroy(new Error('The collector does not answer.')))
    asking.on('error', reject).end()
  })
}
