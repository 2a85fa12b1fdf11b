import { idsOf, type Run } from '../../src/record/parcel.js'

/** A record as version 1 of the library stored it. */
export interface LegacyRecord {
  readonly id: string
  readonly writer: string
  readonly seq: number
  readonly event: string
  readonly visit: string
  readonly session: string
  readonly page: string
  readonly ends: number
}

export function legacyRecord([visit, session, page, writer, seq, ends, event = '']: Run): LegacyRecord {
  const id = idsOf([[visit, session, page, writer, seq, ends, event]])[0] as string
  return { id, writer, seq: +seq, event, visit, session, page, ends: +ends }
}

/** The key under which version 1 stored a record. */
export function legacyKey({ id, event, visit, session, page }: LegacyRecord): string {
  return `${session ? 1 : 0}${id}.${(event.length + visit.length + session.length + page.length).toString(36)}`
}
