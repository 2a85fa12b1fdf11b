import { at, type Json, type JsonObject, listAt, shorten, toDifference } from './json.js'
import type { Reply } from './wire.js'

/** A promise that was not kept. */
export class Failure extends Error {
  /** The exchange in which it was seen; `null`: it shows only in several. */
  readonly reply: Reply | null

  constructor(message: string, reply: Reply | null = null) {
    super(message)
    this.reply = reply
  }
}

/** What could not be looked at, and why. */
export class NotChecked extends Error {}

/** @throws Failure if it is not so. */
export function must(isSo: boolean, sentence: string, reply: Reply | null = null): asserts isSo {
  if (!isSo) throw new Failure(sentence, reply)
}

/** @throws Failure for another status, or a body in which an expected member is missing or differs. */
export function mustBe(reply: Reply, status: number, body?: Json): void {
  must(reply.status === status, `the status is ${reply.status}, not ${status}`, reply)
  if (body === undefined) return
  must(reply.body !== undefined, 'the body is not JSON', reply)
  const difference = toDifference(reply.body, body)
  must(!difference, difference, reply)
}

/** What an answer must say of the records of its request, in any order. */
export interface Said {
  readonly stored: readonly string[]
  readonly refused?: readonly (readonly [id: string, code: string])[]
  readonly gone?: readonly string[]
}

/** @throws Failure for anything but a 200 in the form of the protocol that names just these records. */
export function mustAnswer(reply: Reply, { stored, refused = [], gone = [] }: Said): void {
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

/** @throws Failure for another status or code, or a refusal that is not in the form of the protocol. */
export function mustRefuse(reply: Reply, status: number, error: string, more: JsonObject = {}): void {
  mustBe(reply, status, { v: 1, error, ...more })
  must(typeof at(reply.body, 'message') === 'string', 'the refusal has no message', reply)
}
