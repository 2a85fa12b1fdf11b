import { execFileSync, spawnSync } from 'node:child_process'
import { chmodSync, chownSync, existsSync, mkdirSync, readdirSync, renameSync, rmSync, statSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { describe, expect, it, onTestFinished, type TestContext } from 'vitest'
import { expectClean, readBalance, settle } from './ledger.js'
import { countOf, type Load, startLoad, toText, until } from './load.js'
import { stallable } from './lock.js'
import { needs } from './place.js'
import { type Collector, cli, makeCollector, makeFolder, startCollector } from './process.js'
import { report } from './report.js'
import { expectHonest, untilRefused } from './trouble.js'

interface House {
  readonly db: string
  readonly collector: Collector
  readonly load: Load
}

/** A collector under load on a file; the trouble comes, is answered 503, goes away, and nothing else is done. */
async function suffer(
  db: string,
  trouble: string,
  begin: (house: House) => Promise<() => void | Promise<void>>,
  isWhole = true,
): Promise<House> {
  const collector = await startCollector(db)
  const load = startLoad(collector)
  const house = { db, collector, load }
  await load.untilMore(200)
  const end = await begin(house)
  // A disk that is full for one batch may have room for a smaller one, which is then kept.
  if (isWhole) await untilRefused(load, 4)
  else
    await until(
      () => countOf(load, '503') >= 40,
      () => `not answered 503: ${toText(load.answers)}`,
    )
  await end()
  await load.untilMore(200)
  await load.drain()
  const balance = await settle(load.book, collector.url)
  expectHonest(load)
  report({
    proof: 'trouble with the disk',
    store: 'SQLite',
    trouble,
    ...balance,
    note: `${countOf(load, '503')} times 503`,
  })
  return house
}

describe('trouble with the disk is answered 503, and over when it is over, on SQLite', () => {
  it('a disk that is full', async context => {
    const disk = makeDisk(context, '12m')
    await suffer(
      join(disk, 'proof.db'),
      'disk full',
      async () => {
        const ballast = join(disk, 'ballast')
        execFileSync('sh', ['-c', 'cat /dev/zero > "$1" || true', 'sh', ballast], { stdio: 'ignore' })
        return () => rmSync(ballast)
      },
      false,
    )
  })

  it('a file that may not grow', async context => {
    needs(context, hasProgram('prlimit'), 'no prlimit')
    await suffer(
      join(makeFolder(), 'proof.db'),
      'file size limited',
      async ({ db, collector }) => {
        const limit = (bytes: string) =>
          execFileSync('prlimit', ['--pid', String(collector.pid()), `--fsize=${bytes}:unlimited`])
        limit(String(Math.max(statSync(db).size, statSync(`${db}-wal`).size)))
        return () => void limit('unlimited')
      },
      false,
    )
  })

  it('a file that has become read-only', async context => {
    const folder = makeFolder()
    needs(context, isImmutable(folder), 'a file in use can be made read-only by root alone, with chattr')
    await suffer(join(folder, 'proof.db'), 'file read-only', async ({ db }) => {
      const chattr = (flag: string): void => {
        // Not the file that is shared memory: no file system turns a write there down, it ends the process.
        const files = [db, `${db}-wal`].filter(file => existsSync(file))
        execFileSync('chattr', [flag, ...files])
      }
      onTestFinished(() => chattr('-i'))
      chattr('+i')
      return () => chattr('-i')
    })
  })

  it('a file that is locked by another process, longer than anybody waits', async context => {
    const { db, hold } = await stallable[0].open(context)
    await suffer(db, 'database locked', hold)
  })

  it('a file that is moved away, and back', async () => {
    await suffer(join(makeFolder(), 'proof.db'), 'file moved away, and back', async ({ db }) => {
      const away = `${db}.away`
      renameSync(db, away)
      return () => renameSync(away, db)
    })
  })

  it('a folder that is moved away, and back', async () => {
    const folder = join(makeFolder(), 'data')
    mkdirSync(folder)
    await suffer(join(folder, 'proof.db'), 'folder moved away, and back', async () => {
      renameSync(folder, `${folder}.away`)
      return () => renameSync(`${folder}.away`, folder)
    })
  })

  it('a file that was deleted: what is acknowledged from then on is where the next collector finds it', async () => {
    const db = join(makeFolder(), 'proof.db')
    const collector = await startCollector(db)
    const before = startLoad(collector)
    await before.untilMore(200)
    await before.stop()
    for (const name of readdirSync(dirname(db))) if (name.startsWith(basename(db))) rmSync(join(dirname(db), name))
    const load = startLoad(collector)
    await until(
      () => countOf(load, '') > 200,
      () => toText(load.answers),
    )
    await load.stop()
    expectHonest(load)
    await collector.kill()
    await collector.start()
    const balance = await readBalance(load.book, collector.url)
    expectClean(balance, toText(load.answers))
    report({ proof: 'trouble with the disk', store: 'SQLite', trouble: 'file deleted', ...balance })
  })

  it('a file that is read-only from the start: the collector does not come up, or takes nothing', async context => {
    const uid = otherUser()
    needs(context, uid !== null, 'no other user that could run the collector here')
    const folder = makeFolder()
    const db = join(folder, 'proof.db')
    const first = await startCollector(db)
    await first.kill()
    for (const path of [folder, ...readdirSync(folder).map(name => join(folder, name))]) {
      if (uid) chownSync(path, uid, uid)
      chmodSync(path, path === folder ? 0o555 : 0o444)
    }
    onTestFinished(() => chmodSync(folder, 0o755))
    const collector = await makeCollector(db, [], uid ?? undefined)
    const isUp = await collector.start().then(
      () => true,
      () => false,
    )
    if (isUp) {
      const load = startLoad(collector)
      await untilRefused(load)
      expect(countOf(load, '200')).toBe(0)
    } else expect(collector.log()).toMatch(/^sojourn-collector: --db .*\n$/)
  })
})

/** A small disk, gone after the test. */
function makeDisk(context: TestContext, size: string): string {
  const disk = join(makeFolder(), 'disk')
  mkdirSync(disk)
  const { status } = spawnSync('mount', ['-t', 'tmpfs', '-o', `size=${size}`, 'tmpfs', disk], { stdio: 'ignore' })
  needs(context, status === 0, 'a small disk that may be filled needs root and mount')
  onTestFinished(() => void execFileSync('umount', ['-l', disk]))
  return disk
}

function hasProgram(name: string): boolean {
  return spawnSync('sh', ['-c', `command -v ${name}`], { stdio: 'ignore' }).status === 0
}

/** Whether files here can be made immutable, also for those who have them open. */
function isImmutable(folder: string): boolean {
  const file = join(folder, 'trial')
  const script = `: > "$1"; exec 5>> "$1"; chattr +i "$1" || exit 2
    printf x 2>/dev/null >&5; chattr -i "$1"; [ ! -s "$1" ]`
  const { status } = spawnSync('sh', ['-c', script, 'sh', file], { stdio: 'ignore' })
  rmSync(file, { force: true })
  return status === 0
}

/** A user that permissions bind: us, or, as root, nobody; `null` if nobody cannot read this project. */
function otherUser(): number | null | undefined {
  if (process.getuid?.() !== 0) return undefined
  const uid = Number(execFileSync('id', ['-u', 'nobody'], { encoding: 'utf8' }))
  return spawnSync(process.execPath, [cli, '--help'], { uid, stdio: 'ignore' }).status === 0 ? uid : null
}
