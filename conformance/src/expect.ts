import { at, type Json, type JsonObject, listAt, shorten, toDifference } from './json.js'
import type { Reply } from './wire.js'

/** The collector does not keep a promise. */
export class Failure extends Error {
  /** The reply that shows the failure; `null` if no single reply shows it. */
  readonly reply: Reply | null

  constructor(message: string, reply: Reply | null = null) {
    super(message)
    this.reply = reply
  }
}

/** A check could not be made. The message says why. */
export class NotChecked extends Error {}

/**
 * Checks a condition.
 *
 * @throws Failure with this sentence if it is false.
 */
export function must(isSo: boolean, sentence: string, reply: Reply | null = null): asserts isSo {
  if (!isSo) throw new Failure(sentence, reply)
}

/**
 * Checks the status, and that the body contains the expected members.
 *
 * @throws Failure if one of them differs.
 */
export function mustBe(reply: Reply, status: number, body?: Json): void {
  must(reply.status === status, `the status is ${reply.status}, not ${status}`, reply)
  if (body === undefined) return
  must(reply.body !== undefined, 'the body is not JSON', reply)
  const difference = toDifference(reply.body, body)
  must(!difference, difference, reply)
}

/** What an answer must say about the records of its request, in any order. */
export interface ExpectedAnswer {
  readonly stored: readonly string[]
  readonly refused?: readonly (readonly [id: string, code: string])[]
  readonly gone?: readonly string[]
}

/**
 * Checks that a reply is a 200 with an answer that names exactly these records.
 *
 * @throws Failure otherwise.
 */
export function mustAnswer(reply: Reply, { stored, refused = [], gone = [] }: ExpectedAnswer): void {
  mustBe(reply, 200, { v: 1 })
  for (const name of ['stored', 'refused', 'gone'])
    must(Array.isArray(at(reply.body, name)), `the answer has no list ${name}`, reply)
  mustName(reply, 'stored', stored)
  mustName(reply, 'refused', refused)
  mustName(reply, 'gone', gone)
}

function mustName(reply: Reply, list: string, expected: readonly Json[]): void {
  const texts = (items: readonly Json[]): string[] => items.map(one => JSON.stringify(one)).sort()
  const [actual, wanted] = [texts(listAt(reply.body, list)), texts(expected)]
  const missing = wanted.filter(one => !actual.includes(one))
  const strange = actual.filter(one => !wanted.includes(one))
  must(!missing.length, `${list} does not name ${shorten(missing.join(), 300)}`, reply)
  must(!strange.length, `${list} names ${shorten(strange.join(), 300)}, which it should not`, reply)
}

/**
 * Checks that a reply is an error reply with this status and code.
 *
 * @throws Failure otherwise.
 */
export function mustBeError(reply: Reply, status: number, error: string, more: JsonObject = {}): void {
  mustBe(reply, status, { v: 1, error, ...more })
  must(typeof at(reply.body, 'message') === 'string', 'the error reply has no message', reply)
}
