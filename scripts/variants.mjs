// Makes builds that differ from ours in one place, into build/variants/: the next schema, for old and new side by side, and
// the mutants, each without something that the fault suite must miss.
import { mkdirSync } from 'node:fs'
import { pathToFileURL } from 'node:url'
import { rollup } from 'rollup'
import configs, { plainIdb } from '../rollup.config.mjs'

/** What is replaced, in which file of the emit; each text must stand there just once. */
export const variants = {
  'schema-3': {
    'store/schema.js': [
      ['schemaVersion = 2', 'schemaVersion = 3'],
      ["'settled', 'state']", "'settled', 'state', 'more']"],
    ],
  },
}

/** Each with the cases of the suite (a part of their names) that must go red. */
export const mutants = {
  'no-commit': {
    about: 'transactions are left to commit themselves',
    cases: ['renderer killed'],
    edits: {
      'store/database.js': [
        ['tx.commit();\n        return done(tx);\n    }\n    return {', 'return done(tx);\n    }\n    return {'],
      ],
    },
  },
  'counted-answer': {
    about: 'an answer is taken by how many it names',
    cases: ['names other ids', 'counts instead'],
    edits: {
      'outbox/sender.js': [['named(stored)', 'named([...open].slice(0, stored.length))']],
    },
  },
  'early-delete': {
    about: 'records are deleted before the answer',
    cases: ['refused for the whole visit', 'the answer is lost'],
    edits: {
      'outbox/sender.js': [['const outcome = await transport', 'await remove(items); const outcome = await transport']],
    },
  },
  'no-lease': {
    about: 'every tab sends when it likes',
    cases: ['ten tabs tracking'],
    edits: { 'browser/locks.js': [['await request(task, stop.signal)', 'await hold(task, stop.signal)']] },
  },
  'open-read': {
    about: 'a transaction that reads waits for its page',
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
      if (text.split(from).length !== 2) throw new Error(`${path}: "${from}" must stand there just once`)
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

if (import.meta.url === pathToFileURL(process.argv[1]).href) await makeVariants()
