import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, it, onTestFinished, vi } from 'vitest'
import { parse } from 'yaml'
import { folders, release, toDated, toDistTag, toNotes, toVersion } from '../scripts/release.mjs'

const root = fileURLToPath(new URL('..', import.meta.url))
const read = (path: string): string => readFileSync(join(root, path), 'utf8')

const changelog = `# Changelog

## Unreleased

## 1.2.0 (2026-12-01)

- It does more. [How](docs/a.md)
- ### is no heading

## 1.1.0 (2026-11-01)

- It does something.
`

/** Packages of version 1.2.0, and a registry that has some of them. */
async function packagesWith(published: readonly string[], version = '1.2.0', registryStatus = 404) {
  const folder = mkdtempSync(join(tmpdir(), 'sojourn-release-'))
  for (const one of folders) {
    mkdirSync(join(folder, one), { recursive: true })
    cpSync(join(root, one, 'package.json'), join(folder, one, 'package.json'))
    const found = JSON.parse(readFileSync(join(folder, one, 'package.json'), 'utf8'))
    writeFileSync(join(folder, one, 'package.json'), JSON.stringify({ ...found, version }))
  }
  writeFileSync(join(folder, 'CHANGELOG.md'), changelog)
  const server = createServer(({ url = '' }, response) => {
    response.writeHead(published.includes(url.slice(1)) ? 200 : registryStatus).end('{}')
  })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  vi.stubEnv('npm_config_registry', `http://127.0.0.1:${(server.address() as AddressInfo).port}/`)
  const log = vi.spyOn(console, 'log').mockImplementation(() => {})
  onTestFinished(() => {
    vi.unstubAllEnvs()
    log.mockRestore()
    server.close()
    rmSync(folder, { recursive: true })
  })
  return { folder, said: () => log.mock.calls.map(([line]) => line as string) }
}

describe('a release', () => {
  it('publishes the three packages in order, with provenance, and leaves out what the registry has', async () => {
    const { folder, said } = await packagesWith(['sojourn/1.2.0'])
    await release(['publish', 'v1.2.0', '--dry-run'], folder)
    expect(said()).toEqual([
      'sojourn 1.2.0 is published already',
      'would publish sojourn-collector 1.2.0: npm publish --provenance --access public --tag latest',
      'would publish sojourn-conformance 1.2.0: npm publish --provenance --access public --tag latest',
    ])
  })

  it('stops before it publishes anything if a version, the tag, the changelog or the registry does not fit', async () => {
    const other = await packagesWith([], '1.1.9')
    await expect(release(['publish', 'v1.2.0', '--dry-run'], other.folder)).rejects.toThrow('1.1.9 and not 1.2.0')
    await expect(release(['publish', '1.2.0', '--dry-run'], other.folder)).rejects.toThrow('no tag of a version')
    const silent = await packagesWith([], '1.3.0')
    await expect(release(['publish', 'v1.3.0', '--dry-run'], silent.folder)).rejects.toThrow('says nothing of 1.3.0')
    const broken = await packagesWith([], '1.2.0', 500)
    await expect(release(['publish', 'v1.2.0', '--dry-run'], broken.folder)).rejects.toThrow('it answers 500')
    await expect(release(['publish'], broken.folder)).rejects.toThrow('release.mjs prepare')
    await expect(release(['notes', 'v1.2.0', '--dry-run'], broken.folder)).rejects.toThrow('release.mjs prepare')
  })

  it('has the section of the changelog as its text', async () => {
    const { folder, said } = await packagesWith([])
    await release(['notes', 'v1.2.0'], folder)
    expect(said()).toEqual(['- It does more. [How](docs/a.md)\n- ### is no heading'])
    expect(toNotes(changelog, '1.1.0')).toBe('- It does something.')
  })

  it('dates what was unreleased, once', () => {
    const dated = toDated(changelog, '1.3.0', '2027-01-31')
    expect(dated).toContain('## Unreleased\n\n## 1.3.0 (2027-01-31)\n\n## 1.2.0')
    expect(() => toDated(changelog, '1.2.0', '2027-01-31')).toThrow('has a section of 1.2.0 already')
    expect(toDated(read('CHANGELOG.md'), '99.0.0', '2099-01-01')).toContain('## 99.0.0 (2099-01-01)\n')
  })

  it('gives an unfinished version only to who asks for it', () => {
    expect([toVersion('v2.0.0-beta.1'), toDistTag('2.0.0-beta.1'), toDistTag('2.0.0')]).toEqual([
      '2.0.0-beta.1',
      'next',
      'latest',
    ])
  })

  it('names every package that is published', () => {
    const { workspaces } = JSON.parse(read('package.json'))
    expect([...folders]).toEqual(['.', ...workspaces])
  })
})

describe('what the repository does by itself', () => {
  const workflows = readdirSync(join(root, '.github/workflows')).map(name => [name, `.github/workflows/${name}`])
  const { scripts } = JSON.parse(read('package.json'))

  it.each(workflows)(
    'calls scripts that there are, with bounded time and no more rights than it needs (%s)',
    (_, path) => {
      const { jobs, permissions } = parse(read(path as string))
      expect(permissions).toEqual({ contents: 'read' })
      for (const job of Object.values<any>(jobs)) {
        if (job.uses) continue
        expect(job['timeout-minutes']).toBeGreaterThan(0)
        const ran = job.steps.flatMap(({ run }: any) => (run ? [run] : []))
        const whats: string[] = job.strategy?.matrix.what ?? []
        const called = ran.flatMap((run: string) =>
          run.includes('matrix.what') ? whats.map(what => what.split(' ')[0]) : (/^npm run (\S+)/.exec(run)?.[1] ?? []),
        )
        expect(called.filter((name: string) => !(name in scripts))).toEqual([])
        for (const { uses } of job.steps) if (uses) expect(uses).toMatch(/^actions\/[\w-]+@v\d+$/)
      }
    },
  )

  it('gives the right to publish to one job, which no push of a branch and no pull request starts', () => {
    const { on, jobs } = parse(read('.github/workflows/release.yml'))
    expect(on).toEqual({ push: { tags: ['v*'] } })
    const may = Object.entries<any>(jobs).flatMap(([name, job]) => (job.permissions?.['id-token'] ? [name] : []))
    expect(may).toEqual(['publish'])
    expect(jobs.publish.needs).toBe('test')
    expect(read('.github/workflows/release.yml')).not.toMatch(/secrets\.|NPM_TOKEN/)
  })

  it('asks in each form for what an answer needs', () => {
    for (const name of ['bug', 'lost-record']) {
      const form = parse(read(`.github/ISSUE_TEMPLATE/${name}.yml`))
      const needed = form.body.filter((one: any) => one.validations?.required).map((one: any) => one.id)
      expect(needed).toEqual(expect.arrayContaining(['status', 'version', 'browser']))
      expect(new Set(form.body.flatMap((one: any) => one.id ?? [])).size).toBe(
        form.body.filter((one: any) => one.id).length,
      )
    }
    expect(parse(read('.github/dependabot.yml')).version).toBe(2)
  })

  it('gives editors the settings of the formatter', () => {
    const { formatter } = JSON.parse(read('biome.json'))
    const settings = Object.fromEntries(
      [...read('.editorconfig').matchAll(/^(\w+) = (\S+)$/gm)].map(([, a, b]) => [a, b]).reverse(),
    )
    expect(settings).toMatchObject({
      indent_style: formatter.indentStyle,
      indent_size: String(formatter.indentWidth),
      max_line_length: String(formatter.lineWidth),
    })
  })
})
