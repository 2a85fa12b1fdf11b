// Copies the type declarations to each build. TypeScript reads the same files as ESM in one folder and as CommonJS in
// the other.
import { cpSync, writeFileSync } from 'node:fs'

for (const folder of ['esm', 'cjs'])
  cpSync('build', `dist/${folder}`, {
    recursive: true,
    filter: path => !/\.\w+$/.test(path) || path.endsWith('.d.ts'),
  })
writeFileSync('dist/cjs/package.json', '{"type":"commonjs"}\n')
