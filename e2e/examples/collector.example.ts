import { readFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { expect, test } from '@playwright/test'
import { parse } from 'yaml'
import { findPostgres } from '../../collector/test/helpers/binaries.js'
import { startCluster } from '../../collector/test/helpers/postgres.js'
import { type Example, examples, sessionsOf, start } from './start.js'

// Docker runs in few places where tests do. So this reads what the compose file would start, and starts it without containers: the
// PostgreSQL of this machine, and the collector that the lockfile installs, with the arguments and variables of the file.

test.describe('the example with Docker Compose', () => {
  test.describe.configure({ timeout: 240_000 })
  test.skip(!('collector' in examples), 'npm run examples')

  const read = ({ folder }: Example) => parse(readFileSync(join(folder, 'compose.yaml'), 'utf8'))

  test('names what it has, and lets nobody but the collector reach the database', () => {
    const { services, networks, volumes } = read(examples.collector as Example)
    expect(Object.keys(services)).toEqual(['postgres', 'collector'])
    for (const one of Object.values<any>(services))
      expect(Object.keys(networks)).toEqual(expect.arrayContaining(one.networks))
    expect(services.postgres).not.toHaveProperty('ports')
    expect([services.postgres.networks, networks.inside]).toEqual([['inside'], { internal: true }])
    expect(services.collector.ports).toEqual([expect.stringMatching(/^127\.0\.0\.1:(\d+):\1$/)])
    expect(services.postgres.volumes).toEqual([`${Object.keys(volumes)[0]}:/var/lib/postgresql/data`])
    const { user, password, host, database } =
      /postgres:\/\/(?<user>.+):(?<password>.+)@(?<host>.+):5432\/(?<database>.+)/.exec(
        services.collector.environment.SOJOURN_DB,
      )?.groups ?? {}
    const { environment } = services.postgres
    expect([environment.POSTGRES_USER, environment.POSTGRES_PASSWORD, 'postgres', environment.POSTGRES_DB]).toEqual([
      user,
      password,
      host,
      database,
    ])
  })

  test('takes a session of a page, keeps it in PostgreSQL, and gives it to who has the token', async ({ page }) => {
    test.skip(!findPostgres(), 'PostgreSQL was not found')
    const example = examples.collector as Example
    const { collector } = read(example).services
    const cluster = await startCluster()
    const database = await cluster.createDatabase()
    const [, token = ''] = /:-(.+)\}/.exec(collector.environment.SOJOURN_READ_TOKEN) ?? []
    const site = createServer((_request, response) => {
      response.setHeader('Content-Type', 'text/html')
      response.end(`<!doctype html><title>A shop</title>
<script>window.sojourn = function () { (sojourn.q = sojourn.q || []).push(arguments) }; sojourn('signIn', 'user-42')</script>
<script async src="${example.collector}/sojourn.js" data-key="shop"></script>`)
    })
    const env = { SOJOURN_DB: cluster.url(database), SOJOURN_READ_TOKEN: token }
    const command = ['node_modules/.bin/sojourn-collector', ...collector.command]
    const stop = await start(example, [`${example.collector}/healthz`], command, env)
    try {
      await new Promise<void>(done => site.listen(Number(new URL(example.page).port), '127.0.0.1', done))
      await page.goto(`http://127.0.0.1:${(site.address() as AddressInfo).port}`)
      await expect.poll(() => sessionsOf(example, 'user-42', token)).toMatchObject([{ titles: ['A shop'] }])
      expect(await sessionsOf(example, 'user-42')).toEqual([])
      expect(await cluster.sql('SELECT count(*) FROM sojourn.sessions', database)).toBe('1')
    } finally {
      site.closeAllConnections()
      site.close()
      await stop()
      await cluster.stop()
    }
  })
})
