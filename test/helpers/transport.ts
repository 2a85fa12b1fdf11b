import { maxExitBytes } from '../../src/record/limits.js'
import { parseBatch } from '../../src/record/parse.js'
import type { Outcome, Transport } from '../../src/transport/transport.js'

/** What becomes of a batch: an outcome, a short word for one, or a function of the ids that were sent. */
export type Scripted =
  | Outcome
  | 'stored'
  | 'later'
  | 'malformed'
  | 'too-large'
  | 'unknown'
  | ((ids: string[]) => Outcome)

export interface ScriptedTransport extends Transport {
  /** The ids of each request, in order. */
  readonly sent: string[][]
  readonly bodies: string[]
  readonly copies: string[]
}

/** A transport that plays its script, then its last line again and again. */
export function scriptedTransport(
  script: readonly Scripted[],
  copy: (body: string) => boolean = () => true,
  room: () => number = () => maxExitBytes,
): ScriptedTransport {
  const sent: string[][] = []
  const bodies: string[] = []
  const copies: string[] = []
  let line = 0
  return {
    sent,
    bodies,
    copies,
    async send(body) {
      const ids = idsOf(body)
      sent.push(ids)
      bodies.push(body)
      const scripted = script[Math.min(line++, script.length - 1)] as Scripted
      return toOutcome(scripted, ids)
    },
    copy(body) {
      copies.push(body)
      return copy(body)
    },
    room,
  }
}

export function idsOf(body: string): string[] {
  return parseBatch(body).facts.map(({ event }) => event.eventID)
}

export function stored(ids: readonly string[]): Outcome {
  return { is: 'answered', answer: { stored: ids, refused: [], gone: [] } }
}

function toOutcome(scripted: Scripted, ids: string[]): Outcome {
  if (typeof scripted === 'function') return scripted(ids)
  if (typeof scripted === 'object') return scripted
  if (scripted === 'stored') return stored(ids)
  if (scripted === 'later') return { is: 'later', status: 503, retryAfterMs: 0 }
  if (scripted === 'unknown') return { is: 'unknown', cause: 'no network' }
  return scripted === 'too-large' ? { is: scripted, isForeign: false } : { is: scripted }
}
