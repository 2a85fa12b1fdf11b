import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import manifest from '../package.json' with { type: 'json' }
import { commands } from '../src/commands/all.js'
import { makeHelp, start } from '../src/start.js'
import { wireBatch, wireEvent } from './helpers/batches.js'
import { databasePath } from './helpers/collector.js'

/** Runs the command in this process. */
async function commandWith(...args: string[]) {
  const printed: string[] = []
  const warned: string[] = []
  let stop: () => Promise<void> = async () => {}
  const code = await start({
    args,
    env: {},
    print: line => printed.push(line),
    warn: line => warned.push(line),
    onStop: given => (stop = given),
  })
  onTestFinished(() => stop())
  return { code, printed, warned, stop: () => stop(), url: /http:\S+/.exec(printed.join())?.[0] ?? '' }
}

describe('the command', () => {
  it('takes sessions over HTTP at the printed URL, and still has them after a restart', async () => {
    const db = databasePath()
    const { code, url, printed, stop } = await commandWith('--db', db, '--port', '0')
    expect([code, printed]).toEqual([0, [`sojourn-collector listens on ${url} and keeps records in ${db}`]])
    const body = JSON.stringify(wireBatch([wireEvent('a')]))
    const response = await fetch(`${url}/v1/sessions?key=demo`, { method: 'POST', body })
    expect(await response.json()).toMatchObject({ stored: ['a'] })
    await stop()
    await expect(fetch(`${url}/healthz`)).rejects.toThrow()
    const again = await commandWith('--db', db, '--port', '0')
    expect(await (await fetch(`${again.url}/v1/sessions/session-1`)).json()).toMatchObject({ identityId: 'user-42' })
    await again.stop()
  })

  it('answers 413 to a body that is too large while the body still arrives', async () => {
    const { url } = await commandWith('--db', databasePath(), '--port', '0')
    const body = new ReadableStream({ pull: controller => controller.enqueue(new Uint8Array(100_000)) })
    const response = await fetch(`${url}/v1/sessions?key=demo`, { method: 'POST', body, duplex: 'half' } as RequestInit)
    expect(response.status).toBe(413)
  })

  it('ends the streams of readers when it stops, and does not wait for them', async () => {
    const { url, stop } = await commandWith('--db', databasePath(), '--port', '0')
    const { body } = await fetch(`${url}/v1/now/stream`)
    const reader = (body as ReadableStream<Uint8Array>).getReader()
    expect(Buffer.from((await reader.read()).value ?? []).toString()).toMatch(/^event: now\n/)
    await stop()
    let isEnd = false
    while (!isEnd) isEnd = (await reader.read()).done
  })

  it('keeps what it has counted of the last minutes for the next start', async () => {
    const db = databasePath()
    const { url, stop } = await commandWith('--db', db, '--port', '0')
    const body = JSON.stringify(wireBatch([wireEvent('a'), { eventID: 'bad' }]))
    await fetch(`${url}/v1/sessions?key=demo`, { method: 'POST', body })
    await stop()
    const again = await commandWith('--db', db, '--port', '0')
    const { refused, minutes } = (await (await fetch(`${again.url}/v1/now`)).json()) as any
    expect(refused).toMatchObject([{ code: 'name-invalid', count: 1 }])
    expect(minutes.reduce((sum: number, one: { stored: number }) => sum + one.stored, 0)).toBe(1)
  })

  it('answers requests in flight before it stops', async () => {
    const { url, stop } = await commandWith('--db', databasePath(), '--port', '0')
    let end: () => void = () => {}
    const body = new ReadableStream({
      start(controller) {
        const [head, tail] = [
          JSON.stringify(wireBatch([wireEvent('a')])).slice(0, 50),
          JSON.stringify(wireBatch([wireEvent('a')])).slice(50),
        ]
        controller.enqueue(new TextEncoder().encode(head))
        end = () => {
          controller.enqueue(new TextEncoder().encode(tail))
          controller.close()
        }
      },
    })
    const isHandled = new Promise(resolve => {
      subscribe('http.server.request.start', resolve)
      onTestFinished(() => void unsubscribe('http.server.request.start', resolve))
    })
    const response = fetch(`${url}/v1/sessions?key=demo`, { method: 'POST', body, duplex: 'half' } as RequestInit)
    await isHandled
    const stopped = stop()
    end()
    expect(await (await response).json()).toMatchObject({ stored: ['a'] })
    await stopped
  })

  it('prints one line about the cause if it cannot start', async () => {
    const port = await takenPort()
    const directory = databasePath()
    for (const [args, code, line] of [
      [['--port', 'x'], 2, /^sojourn-collector: --port x: /],
      [['--db', join(directory, 'nowhere', 'a.db')], 1, /^sojourn-collector: --db .*directory does not exist$/],
      [['--db', databasePath(), '--port', String(port)], 1, /in use.*choose another port with --port$/],
    ] as const) {
      const command = await commandWith(...args)
      expect([command.code, command.printed, command.warned]).toEqual([code, [], [expect.stringMatching(line)]])
    }
  })

  it('prints the address of the database without its password', async () => {
    for (const password of ['secret', 'se:cret', 'se%40cr%2Fet', '%63ret']) {
      const { warned } = await commandWith('--db', `postgres://me:${password}@127.0.0.1:1/records?password=secret`)
      expect(warned.join()).toMatch(/--db postgres:\/\/me@127\.0\.0\.1:1\/records: /)
      expect(warned.join()).not.toMatch(/cret/)
    }
  })

  it('lists its commands and the flags of serve with --help', async () => {
    const { code, printed } = await commandWith('--help', '--port', 'x')
    expect([code, printed]).toEqual([0, [makeHelp()]])
    for (const { name, summary } of commands) expect(printed[0]).toContain(`\n  ${name.padEnd(10)} ${summary}\n`)
    expect(printed[0]).toContain('SOJOURN_PORT')
  })

  for (const { name, help } of commands)
    it(`prints the flags of ${name} with ${name} --help`, async () => {
      const { code, printed, warned } = await commandWith(name, '--help')
      expect([code, printed, warned]).toEqual([0, [help], []])
      expect(help).toMatch(new RegExp(`^sojourn-collector ${name}\\b`))
    })

  it('prints its version with --version', async () => {
    const { code, printed } = await commandWith('--version')
    expect([code, printed]).toEqual([0, [manifest.version]])
  })

  it('names an unknown command or flag in one line, with exit code 2', async () => {
    for (const [args, line] of [
      [['bakcup'], 'there is no command bakcup; --help lists the commands'],
      [['serve', '--prot', '1'], "Unknown option '--prot'; --help lists the flags"],
      [['--prot', '1'], "Unknown option '--prot'; --help lists the flags"],
      [['serve', 'more'], "Unexpected argument 'more'; --help lists the flags"],
      [['postgres://u:secret@host/db'], 'a command is a word, such as serve; --help lists the commands'],
      [['serve', 'postgres://u:secret@host/db'], 'Unexpected argument; --help lists the flags'],
      [['site', 'proof-secret', 'add', 'shop', 'S3cret-pw'], 'Unexpected argument; --help lists the flags'],
      [['S3cretPW'], 'a command is a word, such as serve; --help lists the commands'],
    ] as const) {
      const { code, printed, warned } = await commandWith(...args)
      expect([code, printed, warned]).toEqual([2, [], [`sojourn-collector: ${line}`]])
    }
  })

  it('is serve if no command is named', async () => {
    for (const args of [[], ['serve']]) {
      const { code, url } = await commandWith(...args, '--db', databasePath(), '--port', '0')
      expect([code, (await fetch(`${url}/healthz`)).status]).toEqual([0, 200])
    }
  })
})

async function takenPort(): Promise<number> {
  const server = createServer()
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => void server.close())
  return (server.address() as { port: number }).port
}
