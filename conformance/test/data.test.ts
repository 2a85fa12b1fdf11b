import { createHash } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { readCases } from '../src/cases.js'
import { checks } from '../src/run.js'
import frozen from './frozen.json' with { type: 'json' }

const directory = new URL('../data/', import.meta.url)
const files = readdirSync(directory).filter(name => name.endsWith('.json'))
const read = (file: string): any => JSON.parse(readFileSync(new URL(file, directory), 'utf8'))

/** Hashes what published libraries send and the answers that they need. Reads and the layout of the file may change. */
const digestOf = ({ ids, sends }: any): string =>
  createHash('sha256')
    .update(JSON.stringify([ids, sends]))
    .digest('hex')

describe('a golden batch of a published library', () => {
  it('never changes, and is checked', () => {
    const published = files.filter(name => /^v\d+-/.test(name))
    expect(Object.fromEntries(published.map(name => [name, digestOf(read(name))]))).toEqual(frozen)
    const names = checks.map(({ name }) => `${name}.json`)
    expect(Object.keys(frozen).filter(name => !names.includes(name))).toEqual([])
  })
})

describe('a case', () => {
  it('has a description, and an example for exactly its placeholders', () => {
    for (const file of files) {
      const { about, ids, sends, reads } = read(file)
      expect(about).toMatch(/^[A-Z].+\.$/)
      const used = JSON.stringify([sends, reads]).match(/(?<=\{)[a-z]+:\d+(?=\})/g)
      expect([file, new Set(used)]).toEqual([file, new Set(Object.keys(ids))])
    }
  })

  it('has every placeholder filled, percent-encoded only in paths', () => {
    for (const file of readCases()) {
      const { sends, reads } = file.fill(placeholder => `${placeholder}/"ä`)
      expect(JSON.stringify([sends, reads])).not.toMatch(/\{[a-z]+:\d+\}/)
      for (const { get } of reads) expect(get).toMatch(/^[\x21-\x7e]+$/)
      expect(JSON.stringify(sends)).not.toContain('%2F')
    }
  })
})

describe('docs/protocol.md', () => {
  it('has a heading for the section of each check', () => {
    const page = readFileSync(new URL('../../docs/protocol.md', import.meta.url), 'utf8')
    const anchors = [...page.matchAll(/^## (.+)$/gm)].map(([, title = '']) => title.toLowerCase().replaceAll(' ', '-'))
    expect(checks.filter(({ section }) => !anchors.includes(section)).map(({ name }) => name)).toEqual([])
  })
})
