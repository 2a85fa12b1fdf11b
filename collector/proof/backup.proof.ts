import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { inspectFile } from '../src/ops/sqlite/inspect.js'
import { checkBalance } from './balance.js'
import { runCommand, startCommand } from './command.js'
import { startLoad, until } from './load.js'
import { makeFolder, startCollector } from './process.js'
import { report } from './report.js'
import { query } from './sql.js'
import { isLong } from './stores.js'
import { atRandom, expectKnownAnswers } from './trouble.js'

describe('a backup', () => {
  it('that is killed leaves no file that looks whole, and the next one has all that was acknowledged, on SQLite', async () => {
    const kills = isLong ? 60 : 1
    const folder = makeFolder()
    const db = join(folder, 'proof.db')
    const collector = await startCollector(db)
    // A copy takes longer than a kill.
    await addBallast(db, isLong ? 100_000 : 20_000)
    const load = startLoad(collector, isLong ? 8 : 2)
    let [usualMs, cut, whole] = [0, 0, 0]

    /** Checks that a file has all that was acknowledged, and that it is whole. */
    async function expectWhole(file: string, acknowledged: ReadonlySet<string>): Promise<void> {
      expect(inspectFile(file).problems).toEqual([])
      const rows = await query(file, 'SELECT eventID FROM events')
      const stored = new Set(rows.map(({ eventID }) => eventID))
      expect(
        [...acknowledged].filter(eventID => !stored.has(eventID)),
        file,
      ).toEqual([])
    }

    for (let n = 0; cut < kills; n++) {
      await load.untilMore()
      const acknowledged = new Set(load.journal.acknowledged)
      const copy = join(folder, `copy-${n}.db`)
      const backup = startCommand('backup', copy, '--db', db)
      await until(
        () => existsSync(`${copy}.part`) || existsSync(copy) || !backup.isRunning(),
        () => 'the backup does not begin',
      )
      const began = performance.now()
      if (n) {
        await atRandom(usualMs)
        // Every second time, the collector that it copies from is killed too.
        if (n % 2) await collector.kill()
        await backup.kill()
      }
      const { code } = await backup.ended
      if (!n) {
        usualMs = performance.now() - began
        expect(code).toBe(0)
      }
      if (code === null) cut++
      else {
        whole++
        // Later backups may take less time than the first.
        if (n) usualMs /= 2
      }
      // It has its name only if all of it is there. What was killed has another name, and is not restored.
      if (existsSync(copy)) await expectWhole(copy, acknowledged)
      else if (existsSync(`${copy}.part`)) {
        const restored = join(folder, `restored-${n}.db`)
        const restoring = await startCommand('restore', `${copy}.part`, '--db', restored).ended
        if (restoring.code === 0) await expectWhole(restored, acknowledged)
        else expect(existsSync(restored), restoring.text).toBe(false)
      }
      if (n && n % 2) await collector.start()
    }
    await load.untilMore()
    await load.drain()

    const [last, again] = [join(folder, 'last.db'), join(folder, 'again.db')]
    await runCommand('backup', last, '--db', db)
    await runCommand('restore', last, '--db', again)
    await expectWhole(again, load.journal.acknowledged)
    const restored = await startCollector(again)
    const balance = await checkBalance(load.journal, restored.url)
    expectKnownAnswers(load)
    report({
      proof: 'backup cut',
      store: 'SQLite',
      trouble: `${cut} times kill -9`,
      ...balance,
      note: `${whole} backups whole; all read from the last one, restored`,
    })
  })
})

/** Adds events to a visit of its own, so that the file is large. */
async function addBallast(db: string, events: number): Promise<void> {
  const up = `WITH RECURSIVE up(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM up WHERE n < ${events})`
  const visit = {
    site: 'default',
    visitID: 'ballast',
    startDate: 1,
    bare: 1,
    receivedAt: 1,
    globalVisitID: '',
    languageCode: '',
    userAgent: '',
    automated: 0,
    toldStart: 1,
    lastActivity: 1,
    lead: 0,
    leastStart: 1,
  }
  const values = Object.values(visit).map(one => (typeof one === 'string' ? `'${one}'` : one))
  await query(
    db,
    `INSERT INTO visits (${Object.keys(visit).join()}) VALUES (${values.join()})`,
    `INSERT INTO events (site, visitID, eventID, serverTimestamp, writer, seq, eventName, category, url, data, activity, eventType, timestamp)
      ${up} SELECT 'default', 'ballast', 'ballast-' || n, n, 'w', n, 'Search', '', '/', '${JSON.stringify({ text: 'x'.repeat(300) })}', 1, 'BUSINESS', n FROM up`,
  )
}
