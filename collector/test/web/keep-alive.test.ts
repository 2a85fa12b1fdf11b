import { readFileSync } from 'node:fs'
import { request } from 'node:http'
import { expect, test } from 'vitest'
import { keepAliveTimeoutMs } from '../../src/limits.js'
import { serve } from '../../src/web/server.js'

const config = (path: string): string => readFileSync(new URL(`../../deploy/${path}`, import.meta.url), 'utf8')

test('a connection stays open between two flushes, and longer than each proxy of deploy/ keeps it', async () => {
  const server = await serve({ fetch: () => new Response('here') }, { host: '127.0.0.1', port: 0 })
  const headers = await new Promise<Record<string, unknown>>((resolve, reject) =>
    request(server.url, { headers: { connection: 'keep-alive' } }, answer => {
      answer.resume()
      resolve(answer.headers)
    })
      .on('error', reject)
      .end(),
  )
  await server.stop()
  expect(headers['keep-alive']).toBe(`timeout=${keepAliveTimeoutMs / 1000}`)
  const [, nginx] = /upstream [^}]*keepalive_timeout (\d+)s;/.exec(config('nginx/sojourn.conf')) ?? []
  const [, caddy] =
    /reverse_proxy [^}]*\skeepalive (\d+)s/.exec(config('Caddyfile').replaceAll(/\{\$[^}]*\}/g, '')) ?? []
  for (const seconds of [nginx, caddy]) expect(Number(seconds) * 1000).toBeLessThan(keepAliveTimeoutMs)
})
