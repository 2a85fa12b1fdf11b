import type { Call } from './record/call.js'
import type { Run } from './record/parcel.js'
import type { Writer } from './record/writer.js'
import type { DatabaseParts } from './store/database.js'
import type { Connection } from './store/key-value-store.js'

/** What the test kit puts in the place of what a page has, and what it is told. */
export interface UnderTest {
  /** The store of the database of that name. */
  connect(parts: DatabaseParts): Connection
  /** What makes an id unique. */
  makeSuffix(): string
  /** A number from 0 to 1, 1 excluded. */
  chance(): number
  /** A record was made. @param key of the tracker. */
  onRecord(key: string, record: Run): void
  /** A start of a tracker keeps the calls that wait in this list. */
  onStart(key: string, calls: readonly Call[]): void
  /** The writer of a page load was made. */
  onWriter(key: string, writer: Writer): void
}

/** Only the test kit sets it. In every other build the bundler leaves out what asks for it. */
export let underTest: UnderTest | undefined

/** Trackers that are made from now on are under test. */
export function putUnderTest(how: UnderTest): void {
  underTest = how
}
