import { describe, expect, it } from 'vitest'
import { serve } from '../../collector/src/web/server.js'
import { checks } from '../src/run.js'
import { start } from '../src/start.js'
import { type App, collectorOver, reportOf } from './helpers/app.js'
import { instead } from './helpers/broken.js'

async function run(...args: string[]) {
  const [lines, warnings] = [[] as string[], [] as string[]]
  const code = await start({
    args,
    runID: `run${Date.now().toString(36)}`,
    print: line => lines.push(...line.split('\n')),
    warn: line => warnings.push(line),
  })
  return { code, lines, warnings }
}

async function against(app: App, ...args: string[]) {
  const { url, stop } = await serve(app, { host: '127.0.0.1', port: 0 })
  try {
    return await run(url, '--key', 'demo', ...args)
  } finally {
    await stop()
  }
}

const ours = (): App => collectorOver()
const nonJson = (app: App): App =>
  instead(app, ({ method }) => (method === 'POST' ? new Response('<p>OK', { status: 200 }) : undefined))

describe('the command', () => {
  it('prints each check, what is left behind, and the numbers; the code is 0 if no check failed', async () => {
    const { code, lines } = await against(ours(), '--write-only', '--only', 'replay', '--only', 'paging')
    expect(lines.filter(line => /^[✓✗–]/.test(line)).map(line => line.replace(/:.*/, ''))).toEqual([
      '✓ replay',
      '– paging',
    ])
    expect(lines).toContain('    not checked: reads are left out by --write-only')
    expect(lines.at(-2)).toMatch(/^Left behind: \d+ visits\. Their ids, .* end with "-run\w+"\.$/)
    expect([code, lines.at(-1)]).toEqual([0, '1 passed, 0 failed, 1 not checked'])
  })

  it('prints the reason, the section, the request and the reply of a failure; the code is 1', async () => {
    const { code, lines } = await against(nonJson(ours()), '--only', 'empty-batch')
    expect([code, lines.at(-1)]).toEqual([1, '0 passed, 1 failed, 0 not checked'])
    const text = lines.join('\n')
    for (const part of [
      'failed: the body is not JSON',
      'promised in docs/protocol.md#the-answer',
      'POST /v1/sessions?key=demo',
      '{"v":1}',
      '200',
      '<p>OK',
    ])
      expect(text).toContain(part)
  })

  it('prints the report as JSON with --json', async () => {
    const { code, lines } = await against(ours(), '--json', '--write-only', '--only', 'replay')
    const report = JSON.parse(lines.join('\n'))
    expect(code).toBe(0)
    expect(report).toMatchObject({ passed: 1, failed: 0, notChecked: 0, results: [{ name: 'replay', is: 'passed' }] })
  })

  it('leaves out checks that need a missing option, and names the option', async () => {
    const app = ours()
    const only = ['cors-allowed', 'age', 'replay']
    const { results } = await reportOf(app, { readToken: null, origin: null, isWriteOnly: true, only })
    const reasons = new Map(results.map(({ name, is, reason }) => [name, `${is} ${reason}`]))
    expect(reasons.get('cors-allowed')).toBe('not checked no allowed origin is known: give one with --origin')
    expect(reasons.get('age')).toBe('not checked reads are left out by --write-only')
    const { results: open } = await reportOf(app, { readToken: null, only: ['read-token'] })
    expect(open[0]?.reason).toBe('no read token is known: give it with --read-token')
    expect(reasons.get('replay')).toBe('passed ')
  })

  it('never prints the read token', async () => {
    const { lines } = await against(ours(), '--read-token', 'a-secret-nobody-knows', '--only', 'age')
    expect(lines.join('\n')).toContain('Authorization: Bearer …')
    expect(lines.join('\n')).not.toContain('a-secret-nobody-knows')
  })

  it('fails every check if the collector cannot be reached, with the reason', async () => {
    const { url, stop } = await serve(ours(), { host: '127.0.0.1', port: 0 })
    await stop()
    const { code, lines } = await run(url, '--only', 'replay')
    expect(code).toBe(1)
    expect(lines.join('\n')).toMatch(/failed: no answer to POST \/v1\/sessions\?key=conformance: .*ECONNREFUSED/)
  })

  it('waits and sends again if a collector is busy', async () => {
    let asked = 0
    const busy = instead(ours(), ({ method }) =>
      method === 'POST' && asked++ % 3 < 2
        ? new Response('{}', { status: 503, headers: { 'Retry-After': '0' } })
        : undefined,
    )
    const { code } = await against(busy, '--write-only', '--only', 'replay')
    expect([code, asked > 3]).toEqual([0, true])
  })

  it('prints every check with --list, and every flag with --help', async () => {
    const { code, lines } = await run('--list')
    expect([code, lines.length]).toEqual([0, checks.length])
    expect((await run('--help')).lines.join('\n')).toContain('--write-only')
  })

  for (const [args, said] of [
    [[], 'name the collector'],
    [['ftp://x/'], 'ftp://x/: write the address'],
    [['http://x/', 'http://y/'], 'name one collector only'],
    [['http://x/?a=b'], 'write the address'],
    [['http://x/', '--only', 'nothing'], '--only nothing: there is no such check'],
    [['http://x/', '--origin', 'https://shop.example/'], '--origin https://shop.example/'],
    [['http://x/', '--mood'], '--help lists the flags'],
  ] as const)
    it(`prints one line about the wrong option in "${args.join(' ')}"; the code is 2`, async () => {
      const { code, warnings } = await run(...args)
      expect([code, warnings.length]).toEqual([2, 1])
      expect(warnings[0]).toContain(said)
      expect(warnings[0]).not.toContain('\n')
    })
})
