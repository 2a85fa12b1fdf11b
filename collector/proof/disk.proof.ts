import { execFileSync, spawnSync } from 'node:child_process'
import { chmodSync, chownSync, existsSync, mkdirSync, readdirSync, renameSync, rmSync, statSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { describe, expect, it, onTestFinished, type TestContext } from 'vitest'
import { checkBalance, expectClean, readBalance } from './balance.js'
import { holdableStores } from './held-stores.js'
import { countOf, type Load, startLoad, toText, until } from './load.js'
import { type Collector, cli, makeCollector, makeFolder, startCollector } from './process.js'
import { report } from './report.js'
import { isShort, needs } from './stores.js'
import { expectKnownAnswers, untilUnavailable } from './trouble.js'

interface Scene {
  readonly db: string
  readonly collector: Collector
  readonly load: Load
}

/**
 * Runs a collector under load on a file. The trouble begins, is answered 503, and ends. The collector must then go on
 * by itself.
 *
 * @param begin starts the trouble, and returns the function that ends it.
 * @param isWhole whether nothing at all can be stored during the trouble.
 */
async function runTrouble(
  db: string,
  trouble: string,
  begin: (scene: Scene) => Promise<() => void | Promise<void>>,
  isWhole = true,
): Promise<Scene> {
  // The disk is small. What is shown is a disk that is really full.
  const collector = await startCollector(db, ['--min-free-bytes', '1'])
  const load = startLoad(collector)
  const scene = { db, collector, load }
  await load.untilMore(200)
  const end = await begin(scene)
  // A disk that is full for one batch may still have space for a smaller one.
  if (isWhole) await untilUnavailable(load, 4)
  else
    await until(
      () => countOf(load, '503') >= 40,
      () => `not answered 503: ${toText(load.answers)}`,
    )
  await end()
  await load.untilMore(200)
  await load.drain()
  const balance = await checkBalance(load.journal, collector.url)
  expectKnownAnswers(load)
  report({
    proof: 'trouble with the disk',
    store: 'SQLite',
    trouble,
    ...balance,
    note: `${countOf(load, '503')} times 503`,
  })
  return scene
}

describe('trouble with the disk is answered 503, and the collector goes on when it ends, on SQLite', () => {
  it('a disk that is full', async context => {
    const disk = makeDisk(context, '12m')
    await runTrouble(
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

  it.skipIf(isShort)('a file that may not grow', async context => {
    needs(context, hasProgram('prlimit'), 'no prlimit')
    await runTrouble(
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
    await runTrouble(join(folder, 'proof.db'), 'file read-only', async ({ db }) => {
      const chattr = (flag: string): void => {
        // The `-shm` file stays writable, because it is mapped into memory and a failed write would end the process.
        const files = [db, `${db}-wal`].filter(file => existsSync(file))
        execFileSync('chattr', [flag, ...files])
      }
      onTestFinished(() => chattr('-i'))
      chattr('+i')
      return () => chattr('-i')
    })
  })

  it.skipIf(isShort)('a file that another process locks for longer than the timeout', async context => {
    const { db, hold } = await holdableStores[0].open(context)
    await runTrouble(db, 'database locked', hold)
  })

  it('a file that is moved away, and back', async () => {
    await runTrouble(join(makeFolder(), 'proof.db'), 'file moved away, and back', async ({ db }) => {
      const away = `${db}.away`
      renameSync(db, away)
      return () => renameSync(away, db)
    })
  })

  it.skipIf(isShort)('a folder that is moved away, and back', async () => {
    const folder = join(makeFolder(), 'data')
    mkdirSync(folder)
    await runTrouble(join(folder, 'proof.db'), 'folder moved away, and back', async () => {
      renameSync(folder, `${folder}.away`)
      return () => renameSync(`${folder}.away`, folder)
    })
  })

  it('a file that was deleted: later acknowledged records are in the file that the next collector opens', async () => {
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
    expectKnownAnswers(load)
    await collector.kill()
    await collector.start()
    const balance = await readBalance(load.journal, collector.url)
    expectClean(balance, toText(load.answers))
    report({ proof: 'trouble with the disk', store: 'SQLite', trouble: 'file deleted', ...balance })
  })

  it('a file that is read-only from the start: the collector does not start, or answers 503', async context => {
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
      await untilUnavailable(load)
      expect(countOf(load, '200')).toBe(0)
    } else expect(collector.log()).toMatch(/^sojourn-collector: --db .*\n$/)
  })
})

/** Mounts a small disk and unmounts it after the test. */
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

/** Whether files in this folder can be made immutable, also for processes that have them open. */
function isImmutable(folder: string): boolean {
  const file = join(folder, 'trial')
  const script = `: > "$1"; exec 5>> "$1"; chattr +i "$1" || exit 2
    printf x 2>/dev/null >&5; chattr -i "$1"; [ ! -s "$1" ]`
  const { status } = spawnSync('sh', ['-c', script, 'sh', file], { stdio: 'ignore' })
  rmSync(file, { force: true })
  return status === 0
}

/**
 * The user to run a collector as, so that file permissions apply. `undefined`: the user of this process. If that is
 * root, the user `nobody`; `null` if `nobody` cannot read this project.
 */
function otherUser(): number | null | undefined {
  if (process.getuid?.() !== 0) return undefined
  const uid = Number(execFileSync('id', ['-u', 'nobody'], { encoding: 'utf8' }))
  return spawnSync(process.execPath, [cli, '--help'], { uid, stdio: 'ignore' }).status === 0 ? uid : null
}
