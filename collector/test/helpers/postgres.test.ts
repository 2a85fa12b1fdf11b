import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, readFileSync } from 'node:fs'
import { describe, expect, it, onTestFinished } from 'vitest'
import { hasPostgres } from './database.js'
import { isLong } from './long.js'
import { startCluster } from './postgres.js'
import { hasEnded } from './processes.js'

/** A program that starts a server and waits. The hook lets Node load our TypeScript modules without a build. */
const program = `
  import { registerHooks } from 'node:module'
  registerHooks({ resolve: (name, context, next) => next(name.replace(/^(\\..*)js$/, '$1ts'), context) })
  const { startCluster } = await import(${JSON.stringify(new URL('./postgres.ts', import.meta.url).href)})
  console.log((await startCluster()).data)
  setInterval(() => {}, 1000)`

describe.skipIf(!hasPostgres)('a private PostgreSQL server', () => {
  it('keeps commits through a crash, and starts again on the same port', async () => {
    const cluster = await startCluster()
    onTestFinished(cluster.stop)
    const database = await cluster.createDatabase()
    await cluster.sql('CREATE TABLE kept (n int); INSERT INTO kept VALUES (42)', database)
    await cluster.crash()
    await expect(cluster.sql('SELECT 1')).rejects.toThrow()
    await cluster.start()
    expect(await cluster.sql('SELECT n FROM kept', database)).toBe('42')
    expect(await cluster.sql('SHOW fsync')).toBe('on')
  })

  it.runIf(isLong)('follows its primary, and accepts writes when it is promoted', async () => {
    const primary = await startCluster({ synchronous_standby_names: 'standby' })
    onTestFinished(primary.stop)
    const standby = await primary.makeStandby('standby')
    onTestFinished(standby.stop)
    await standby.start()
    await primary.sql('CREATE TABLE kept (n int); INSERT INTO kept VALUES (42)')
    await primary.crash()
    await standby.promote()
    expect(await standby.sql('INSERT INTO kept VALUES (43); SELECT sum(n) FROM kept')).toBe('85')
  })

  it.each(['SIGINT', 'SIGKILL'] as const)(
    'ends and its folder is removed after the process that started it got %s',
    async signal => {
      const child = spawn(process.execPath, ['--input-type=module', '-e', program], {
        stdio: ['ignore', 'pipe', 'inherit'],
      })
      const [chunk] = (await once(child.stdout, 'data')) as [Buffer]
      const data = chunk.toString().trim()
      const pid = Number(readFileSync(`${data}/postmaster.pid`, 'utf8').split('\n', 1)[0])
      child.kill(signal)
      await expect.poll(() => existsSync(data)).toBe(false)
      expect(hasEnded(pid)).toBe(true)
    },
  )
})
