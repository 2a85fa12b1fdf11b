import { parseAnswer } from '../record/batch.js'
import { toJson } from '../record/json.js'
import { maxExitBytes, protocolVersion, requestTimeoutMs } from '../record/limits.js'
import { toWait } from './outcome.js'
import type { Outcome, Transport } from './transport.js'

/**
 * Makes a transport of one that the page has brought, which may throw, reject, never answer, or answer anything: whatever it
 * does wrong is reported, and becomes an outcome that settles nothing.
 *
 * @param later runs something after so many ms, unless `cancel` stops it.
 * @param trouble is told what was wrong.
 */
export function guardTransport(
  own: Transport,
  later: (run: () => void, ms: number) => ReturnType<typeof setTimeout>,
  cancel: (timer?: ReturnType<typeof setTimeout>) => void,
  trouble: (code: 'transport-failed', cause: unknown) => void,
): Transport {
  function wrong(cause: unknown): Outcome {
    trouble('transport-failed', cause)
    return { is: 'unknown', cause }
  }

  async function ask(body: string, signal: AbortSignal): Promise<Outcome> {
    return readOutcome(await own.send(body, signal))
  }

  return {
    async send(body, signal) {
      const stop = new AbortController()
      let timer: ReturnType<typeof setTimeout> | undefined
      const stopped = new Promise<Outcome>(resolve => {
        signal.onabort = () => {
          stop.abort(signal.reason)
          resolve({ is: 'unknown', cause: 'stopped' })
        }
        timer = later(() => {
          stop.abort(true)
          resolve(wrong('no answer'))
        }, requestTimeoutMs)
      })
      const outcome = await Promise.race([stopped, ask(body, stop.signal).catch(wrong)])
      cancel(timer)
      return outcome
    },
    copy(body) {
      try {
        const isTaken: unknown = own.copy(body)
        // Somebody may have written it as an async function.
        Promise.resolve(isTaken).catch(wrong)
        return isTaken !== false
      } catch (cause) {
        // No smaller copy is tried.
        return !!wrong(cause)
      }
    },
    room() {
      try {
        return Math.min(own.room(), maxExitBytes) || 0
      } catch (cause) {
        wrong(cause)
        return 0
      }
    },
  }
}

/** @throws TypeError if the value is no outcome. */
function readOutcome(value: Outcome): Outcome {
  switch (value.is) {
    case 'answered': {
      const answer = parseAnswer(toJson({ ...value.answer, v: protocolVersion }))
      if (answer) return { is: value.is, answer }
      break
    }
    case 'later':
      return { ...value, retryAfterMs: toWait(value.retryAfterMs) }
    case 'too-large':
      // Only the collector's own words may cost a record.
      return { is: value.is, isForeign: (value.isForeign as unknown) !== false }
    case 'malformed':
    case 'rejected':
    case 'unknown':
      return value
  }
  throw new TypeError('no outcome')
}
