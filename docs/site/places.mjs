import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

/** The folder of the repository. */
export const root = fileURLToPath(new URL('../..', import.meta.url))
/** Where the pages of the API reference are kept while the site is built. */
export const apiFolder = join(root, 'build/docs-api')
/** Where the site goes. The collector serves it from there, and it is packed with the collector. */
export const siteFolder = join(root, 'collector/dist/docs')
/** The address of the repository, without a slash at its end. */
export const repository = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')).repository.url.replace(
  /^git\+|\.git$/g,
  '',
)

/**
 * The exports of the package that have types, by name: `sojourn/react` is `src/react.ts`. They are read from `package.json`, so a new
 * export has its page by itself.
 *
 * @throws Error if an export has no file of its name in `src`.
 */
export function readExports() {
  const { name, exports } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))
  return Object.entries(exports).flatMap(([path, target]) => {
    const types = target.import?.types ?? target.types
    if (!types) return []
    const file = types.replace('./dist/esm/', 'src/').replace(/\.d\.ts$/, '.ts')
    if (!existsSync(join(root, file))) throw new Error(`package.json: no ${file} for the export ${path}`)
    return [[path === '.' ? name : name + path.slice(1), file]]
  })
}
