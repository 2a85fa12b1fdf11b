import { readdirSync, readFileSync } from 'node:fs'
import { type Json, type JsonObject, parseJson } from './json.js'

/** A request of a case, and the expected answer. */
export interface Send {
  readonly batch: JsonObject
  /** @default 200 */
  readonly status?: number
  readonly answer: JsonObject
}

/** A read that follows after all requests were sent, and the expected reply. */
export interface Read {
  readonly get: string
  /** @default 200 */
  readonly status?: number
  /** What the body must contain. Other members of the body are ignored. */
  readonly body?: Json
  /** The exact body. */
  readonly text?: string
}

/**
 * Golden batches with their answers and the state that they add up to. `conformance/data/README.md` describes the
 * format.
 */
export interface Case {
  readonly about: string
  /** An example value for each placeholder. */
  readonly ids: Readonly<Record<string, string>>
  readonly section?: string
  readonly sends: readonly Send[]
  readonly reads: readonly Read[]
}

/** A case with placeholders. */
export interface CaseFile {
  readonly name: string
  readonly about: string
  readonly section: string
  /** Whether every request is answered 200. Only then may its batches be split, reordered and repeated. */
  readonly isTaken: boolean
  /** Replaces each placeholder with an id. */
  readonly fill: (idOf: (placeholder: string) => string) => Case
}

const directory = new URL('../data/', import.meta.url)
const placeholder = /\{([a-z]+:\d+)\}/g

/** Reads all cases, in the order of their names. */
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
