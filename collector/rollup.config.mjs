import { copyFileSync, cpSync, existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'

const here = path => fileURLToPath(new URL(path, import.meta.url))

/** Bundles `sojourn/record`, so that the collector does not depend on the browser library. */
const record = {
  name: 'record',
  resolveId: id => (id === 'sojourn/record' ? here('../build/record/index.js') : null),
}

/**
 * Copies the types, those of `sojourn/record` too, the browser library that `/sojourn.js` serves with the licences of what
 * it contains, and the schemas that `/openapi.json` is made from.
 */
const copies = {
  name: 'copies',
  writeBundle(_options, bundle) {
    // A chunk of an earlier build would be published, and found twice by the mutants.
    for (const file of readdirSync(here('dist')))
      if (/^(?!sojourn\.).*\.js$/.test(file) && !bundle[file]) rmSync(here(`dist/${file}`))
    const types = here('dist/types')
    const isTypes = path => !/\.\w+$/.test(path) || path.endsWith('.d.ts')
    cpSync(here('build'), types, { recursive: true, filter: isTypes })
    cpSync(here('../build/record'), join(types, 'record'), { recursive: true, filter: isTypes })
    for (const path of readdirSync(types, { recursive: true, encoding: 'utf8' })) {
      if (!path.endsWith('.d.ts')) continue
      const file = join(types, path)
      const to = relative(dirname(file), join(types, 'record/index.js')).replaceAll('\\', '/')
      const text = readFileSync(file, 'utf8')
      writeFileSync(file, text.replaceAll("'sojourn/record'", `'${to.startsWith('.') ? to : `./${to}`}'`))
    }
    const schemas = here('../conformance/schemas')
    const files = readdirSync(schemas).map(name => [name, JSON.parse(readFileSync(join(schemas, name), 'utf8'))])
    writeFileSync(here('dist/schemas.json'), JSON.stringify(Object.fromEntries(files)))
    copyFileSync(here('../THIRD-PARTY.md'), here('dist/THIRD-PARTY.md'))
    // The plugin vitals contains this package, whose licence goes with each copy.
    copyFileSync(here('../node_modules/web-vitals/LICENSE'), here('dist/LICENSE-web-vitals'))
    for (const name of ['sojourn.js', 'sojourn.js.map', 'inspector.js'])
      if (existsSync(here(`../dist/${name}`))) copyFileSync(here(`../dist/${name}`), here(`dist/${name}`))
      else this.warn(`../dist/${name} was not built, so the collector will not serve it`)
    if (existsSync(here('../dist/tag'))) cpSync(here('../dist/tag'), here('dist/tag'), { recursive: true })
    for (const name of ['inspector.js', 'inspector.js.map'])
      if (existsSync(here(`../dist/${name}`))) copyFileSync(here(`../dist/${name}`), here(`dist/${name}`))
  },
}

export default {
  input: {
    cli: here('build/cli.js'),
    index: here('build/index.js'),
    thread: here('build/store/sqlite/thread.js'),
    testing: here('build/testing.js'),
  },
  external: [/^node:/, 'hono', '@hono/node-server', 'better-sqlite3', 'pg', 'parse5', 'pino', 'prom-client'],
  output: { dir: here('dist'), format: 'es', chunkFileNames: '[name].js' },
  plugins: [record, copies],
}
