import { readFileSync } from 'node:fs'
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
