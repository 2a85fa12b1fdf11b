// Copies the type declarations to each build. TypeScript reads the same files as ESM in one folder and as CommonJS in
// the other.
import { cpSync, existsSync, writeFileSync } from 'node:fs'
import { join, relative, sep } from 'node:path'

/** Whether a path of the build was made from `src`. Tests and fixtures keep other things there. */
function isOurs(path) {
  const [first] = relative('build', path).split(sep)
  return first.endsWith('.d.ts') || existsSync(join('src', first))
}

for (const folder of ['esm', 'cjs'])
  cpSync('build', `dist/${folder}`, {
    recursive: true,
    filter: path => isOurs(path) && (!/\.\w+$/.test(path) || path.endsWith('.d.ts')),
  })
writeFileSync('dist/cjs/package.json', '{"type":"commonjs"}\n')
