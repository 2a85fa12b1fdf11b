// Makes builds that differ from the library in one place, in build/variants/. One has the next database schema, for
// tests with an old and a new version at the same time. The others are mutants: each has a fault that the fault suite
// must find.
import { mkdirSync } from 'node:fs'
import { rollup } from 'rollup'
import configs, { plainIdb } from '../rollup.config.mjs'

/** The replacements in each file that tsc has written. Each text must occur there exactly once. */
export const variants = {
  'schema-3': {
    'store/schema.js': [
      ['schemaVersion = 2', 'schemaVersion = 3'],
      ["'settled', 'state']", "'settled', 'state', 'more']"],
    ],
  },
}

/** The mutants. `cases` are parts of the names of the fault cases that must fail. */
export const mutants = {
  'no-commit': {
    about: 'does not commit its transactions itself',
    cases: ['renderer killed'],
    edits: {
      'store/database.js': [
        ['tx.commit();\n        return done(tx);\n    }\n    return {', 'return done(tx);\n    }\n    return {'],
      ],
    },
  },
  'counted-answer': {
    about: 'uses the number of names in an answer, and not the names',
    cases: ['names other ids', 'counts instead'],
    edits: {
      'outbox/sender.js': [['named(stored)', 'named([...open].slice(0, stored.length))']],
    },
  },
  'early-delete': {
    about: 'deletes records before the answer',
    cases: ['refused for the whole visit', 'the answer is lost'],
    edits: {
      'outbox/sender.js': [['const outcome = await transport', 'await remove(items); const outcome = await transport']],
    },
  },
  'no-lease': {
    about: 'lets several tabs send at the same time',
    cases: ['ten tabs tracking'],
    edits: { 'browser/locks.js': [['await request(task, stop.signal)', 'await hold(task, stop.signal)']] },
  },
  'open-read': {
    about: 'keeps a transaction that reads open until its page has run',
    cases: ['hung in the middle of its drain'],
    edits: { 'store/database.js': [['tx.commit();\n            return new Promise', 'return new Promise']] },
  },
}

const edit = edits => ({
  name: 'edit',
  transform(code, id) {
    const path = id.replaceAll('\\', '/').split('/build/').pop()
    let text = code
    for (const [from, to] of edits[path] ?? []) {
      if (text.split(from).length !== 2) throw new Error(`${path} must contain "${from}" exactly once`)
      text = text.replace(from, to)
    }
    return { code: text, map: null }
  },
})

export async function makeVariants() {
  mkdirSync('build/variants', { recursive: true })
  const wanted = { ...variants }
  for (const [name, { edits }] of Object.entries(mutants)) wanted[name] = edits
  for (const [name, edits] of Object.entries(wanted)) {
    const bundle = await rollup({ input: configs[0].input, plugins: [configs[0].plugins[0], plainIdb, edit(edits)] })
    await bundle.write({ file: `build/variants/${name}.js`, format: 'es' })
  }
}
