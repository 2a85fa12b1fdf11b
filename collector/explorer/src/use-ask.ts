import { useEffect, useState } from 'preact/hooks'
import { AskError, ask } from './api.js'
import { onToken } from './token.js'

/** What is known of an answer. While another address is asked for, `data` is still that of the address before. */
export interface Asked<Reply> {
  readonly data: Reply | undefined
  readonly error: AskError | undefined
  /** `data` is not, or not yet, that of the address. */
  readonly isLoading: boolean
  /** Asks again. */
  readonly again: () => void
}

interface Known<Reply> {
  readonly path: string | null
  readonly data?: Reply
  readonly error?: AskError
}

/**
 * Asks the collector for an address, and again when the address changes or a token is entered. An answer that comes too
 * late is not used.
 *
 * @param path as for `ask`; `null` asks nothing.
 */
export function useAsk<Reply>(path: string | null): Asked<Reply> {
  const [known, setKnown] = useState<Known<Reply>>({ path: null })
  const [turn, setTurn] = useState(0)
  const again = () => setTurn(turn => turn + 1)
  useEffect(() => onToken(again), [])
  useEffect(() => {
    if (path === null) return undefined
    const stop = new AbortController()
    ask<Reply>(path, { signal: stop.signal }).then(
      data => !stop.signal.aborted && setKnown({ path, data }),
      (reason: unknown) => {
        if (stop.signal.aborted) return
        const error = reason instanceof AskError ? reason : new AskError(0, '', String(reason))
        setKnown({ path, error })
      },
    )
    return () => stop.abort()
  }, [path, turn])
  return {
    data: known.data,
    error: known.path === path ? known.error : undefined,
    isLoading: known.path !== path,
    again,
  }
}
