import { readdirSync, readFileSync } from 'node:fs'
import { type Json, type JsonObject, parseJson } from './json.js'

/** One request of a case, and what must come back. */
export interface Send {
  readonly batch: JsonObject
  /** 200 if left out. */
  readonly status?: number
  readonly answer: JsonObject
}

/** One question that is asked once everything has been sent, and what must come back. */
export interface Read {
  readonly get: string
  /** 200 if left out. */
  readonly status?: number
  /** What the body must say; members that do not stand here are free. */
  readonly body?: Json
  /** The body, byte for byte. */
  readonly text?: string
}

/** Golden batches with their answers and what they add up to, as `conformance/data/README.md` has it. */
export interface Case {
  readonly about: string
  /** An example of each placeholder. */
  readonly ids: Readonly<Record<string, string>>
  readonly section?: string
  readonly sends: readonly Send[]
  readonly reads: readonly Read[]
}

/** A case before its placeholders are filled. */
export interface CaseFile {
  readonly name: string
  readonly about: string
  readonly section: string
  /** Whether it is taken as a whole, so that it may be split, shuffled and repeated. */
  readonly isTaken: boolean
  /** The case with ids of its own for each placeholder. */
  readonly fill: (idOf: (placeholder: string) => string) => Case
}

const directory = new URL('../data/', import.meta.url)
const placeholder = /\{([a-z]+:\d+)\}/g

/** Reads every case, by name. */
export function readCases(): readonly CaseFile[] {
  return readdirSync(directory)
    .filter(name => name.endsWith('.json'))
    .sort()
    .map(name => toCaseFile(name.replace(/\.json$/, ''), readFileSync(new URL(name, directory), 'utf8')))
}

function toCaseFile(name: string, text: string): CaseFile {
  const raw = parseJson(text) as unknown as Case
  return {
    name,
    about: raw.about,
    section: raw.section ?? 'joining',
    isTaken: raw.sends.every(({ status = 200 }) => status === 200),
    fill(idOf) {
      const ids = new Map(Object.keys(raw.ids).map(one => [one, idOf(one)]))
      const fill = (part: string, to: (id: string) => string): string =>
        part.replace(placeholder, (whole, one: string) => (ids.has(one) ? to(ids.get(one) as string) : whole))
      const fillJson = <T>(part: T): T =>
        parseJson(fill(JSON.stringify(part), id => JSON.stringify(id).slice(1, -1))) as unknown as T
      return {
        ...raw,
        ids: Object.fromEntries(ids),
        sends: fillJson(raw.sends),
        // An id in a path is percent-encoded.
        reads: raw.reads.map(read => ({ ...fillJson(read), get: fill(read.get, encodeURIComponent) })),
      }
    },
  }
}
