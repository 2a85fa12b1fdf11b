// Releases the three packages. `prepare` makes the versions and the changelog fit, `notes` prints the text of a release, and
// `publish` publishes; with --dry-run it checks everything and says what it would do.
import { spawnSync } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import process from 'node:process'
import { fileURLToPath } from 'node:url'
import './check-node.mjs'

/** The packages in the order in which they are published: what others stand on comes first. */
export const folders = ['.', 'collector', 'conformance']

const help = `node scripts/release.mjs prepare <version>            sets the version of all packages, and dates the changelog
node scripts/release.mjs notes <tag>                  prints the section of the changelog
node scripts/release.mjs publish <tag> [--dry-run]    publishes the packages that the registry does not have yet`

/** A mistake of the one who releases. Its message is printed without a trace. */
class ReleaseError extends Error {}

/** The version of a tag, such as `1.2.3` of `v1.2.3`. */
export function toVersion(tag) {
  const version = /^v(\d+\.\d+\.\d+(?:-[\w.]+)?)$/.exec(tag)?.[1]
  if (!version) throw new ReleaseError(`${tag} is no tag of a version; it looks like v1.2.3 or v1.2.3-beta.1`)
  return version
}

/** The text of the section of a version. */
export function toNotes(changelog, version) {
  const [, ...sections] = changelog.split(/^## /m)
  const section = sections.find(one => one.split(/\s/)[0] === version)
  const text = section?.slice(section.indexOf('\n')).trim()
  if (!text) throw new ReleaseError(`CHANGELOG.md says nothing of ${version}: run prepare first`)
  return text
}

/** The changelog with the section "Unreleased" as that of a version, and a new, empty one above it. */
export function toDated(changelog, version, date) {
  const heading = '## Unreleased\n'
  if (!changelog.includes(heading)) throw new ReleaseError('CHANGELOG.md has no section "Unreleased"')
  if (changelog.includes(`\n## ${version} `)) throw new ReleaseError(`CHANGELOG.md has a section of ${version} already`)
  return changelog.replace(heading, `${heading}\n## ${version} (${date})\n`)
}

/** Checks that all packages have this version. */
export function checkVersions(root, version) {
  for (const folder of folders) {
    const found = readPackage(root, folder)
    if (found.version !== version)
      throw new ReleaseError(`${found.name} has the version ${found.version} and not ${version}: run prepare first`)
  }
}

/** The tag of the registry: who installs without a version must not get one that is not finished. */
export function toDistTag(version) {
  return version.includes('-') ? 'next' : 'latest'
}

function readPackage(root, folder) {
  return JSON.parse(readFileSync(join(root, folder, 'package.json'), 'utf8'))
}

function prepare(root, version) {
  toVersion(`v${version}`)
  const path = join(root, 'CHANGELOG.md')
  writeFileSync(path, toDated(readFileSync(path, 'utf8'), version, new Date().toISOString().slice(0, 10)))
  const operate = join(root, 'docs/operate.md')
  writeFileSync(operate, readFileSync(operate, 'utf8').replace(/(sojourn-collector@)\d[\w.-]*/g, `$1${version}`))
  // npm keeps the lockfile and the workspaces in step.
  const flags = ['--no-git-tag-version', '--allow-same-version', '--workspaces', '--include-workspace-root']
  npm(root, ['version', version, ...flags])
  console.log(`Read the diff, commit it as "release: ${version}", and push the tag v${version}.`)
}

async function publish(root, version, isDry) {
  checkVersions(root, version)
  toNotes(readFileSync(join(root, 'CHANGELOG.md'), 'utf8'), version)
  for (const folder of folders) {
    const { name } = readPackage(root, folder)
    // A release that failed half-way can be run again.
    if (await isPublished(name, version)) {
      console.log(`${name} ${version} is published already`)
      continue
    }
    const flags = ['--provenance', '--access', 'public', '--tag', toDistTag(version)]
    console.log(`${isDry ? 'would publish' : 'publishing'} ${name} ${version}: npm publish ${flags.join(' ')}`)
    if (!isDry) npm(join(root, folder), ['publish', ...flags])
  }
}

async function isPublished(name, version) {
  const registry = process.env.npm_config_registry ?? 'https://registry.npmjs.org'
  const { status } = await fetch(new URL(`${name}/${version}`, registry.replace(/\/*$/, '/')))
  if (status === 200 || status === 404) return status === 200
  throw new ReleaseError(`the registry does not say whether it has ${name} ${version}: it answers ${status}`)
}

function npm(cwd, args) {
  const { status } = spawnSync('npm', args, { cwd, stdio: 'inherit', shell: process.platform === 'win32' })
  if (status !== 0) throw new ReleaseError(`npm ${args[0]} failed in ${cwd}`)
}

/**
 * Runs the command.
 *
 * @param args what stands after `release.mjs`.
 * @throws (rejects) an error with one line that says what is wrong.
 */
export async function release([action, word, ...flags], root) {
  const isKnown = word && flags.every(flag => flag === '--dry-run' && action === 'publish')
  if (isKnown && action === 'prepare') return prepare(root, word)
  if (isKnown && action === 'publish') return publish(root, toVersion(word), flags.length > 0)
  if (isKnown && action === 'notes')
    return console.log(toNotes(readFileSync(join(root, 'CHANGELOG.md'), 'utf8'), toVersion(word)))
  throw new ReleaseError(help)
}

if (process.argv[1] && resolve(process.argv[1]) === fileURLToPath(import.meta.url)) {
  try {
    await release(process.argv.slice(2), fileURLToPath(new URL('..', import.meta.url)))
  } catch (error) {
    if (!(error instanceof ReleaseError)) throw error
    console.error(error.message)
    process.exitCode = 1
  }
}
