import { statSync, symlinkSync } from 'node:fs'
import { describe, expect, it, onTestFinished } from 'vitest'
import { createPostgresDiskUse, createSqliteDiskUse } from '../../src/store/disk-use.js'
import { openPostgres } from '../../src/store/postgres/postgres.js'
import { createServers } from '../../src/store/postgres/servers.js'
import { arrive } from '../helpers/arrivals.js'
import { wireBatch, wireEvent } from '../helpers/batches.js'
import { databasePath, sqliteStore } from '../helpers/collector.js'
import { databaseUrl, hasPostgres } from '../helpers/database.js'

describe('the use of the disk', () => {
  it('of SQLite is that of the file and its log, also through a symbolic link', async () => {
    const path = databasePath()
    const store = await sqliteStore(path)
    const link = `${path}.link`
    symlinkSync(path, link)
    const before = await createSqliteDiskUse(path)()
    await store.merge([arrive(wireBatch([wireEvent('a', { data: { text: 'x'.repeat(100_000) } })]))])
    const after = await createSqliteDiskUse(link)()
    const sizes = [path, `${path}-wal`].map(one => statSync(one).size)
    expect(after?.usedBytes).toBe(sizes.reduce((sum, size) => sum + size, 0))
    expect((after?.usedBytes ?? 0) - (before?.usedBytes ?? 0)).toBeGreaterThan(100_000)
    expect(after?.freeBytes).toBeGreaterThan(0)
  })

  it('of SQLite is that of the file alone after a close has removed the log', async () => {
    const path = databasePath()
    const store = await sqliteStore(path)
    await store.close()
    expect(await createSqliteDiskUse(path)()).toMatchObject({ usedBytes: statSync(path).size })
  })

  it('of SQLite rejects if there is no file', async () => {
    await expect(createSqliteDiskUse(databasePath())()).rejects.toThrow('ENOENT')
  })

  it.skipIf(!hasPostgres)('of PostgreSQL is that of the database, without what is free', async () => {
    const url = await databaseUrl()
    const store = await openPostgres(url)
    onTestFinished(() => store.close())
    const servers = createServers(url)
    onTestFinished(() => servers.close())
    const diskUse = createPostgresDiskUse((sql, values) => servers.read(run => run(sql, values)))
    const before = await diskUse()
    expect(before).toEqual({ usedBytes: expect.any(Number), freeBytes: null })
    expect(before?.usedBytes).toBeGreaterThan(1_000_000)
  })
})
