// Writes dist/integrity.json: for each file that a script tag can load, its hash as the attribute `integrity` has it.
import { createHash } from 'node:crypto'
import { readFileSync, writeFileSync } from 'node:fs'

const toIntegrity = text => `sha384-${createHash('sha384').update(text).digest('base64')}`
const entries = ['sojourn.js', 'inspector.js'].map(name => [name, toIntegrity(readFileSync(`dist/${name}`))])
writeFileSync('dist/integrity.json', `${JSON.stringify(Object.fromEntries(entries), null, 2)}\n`)
