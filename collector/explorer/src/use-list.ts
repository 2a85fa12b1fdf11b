import { useEffect, useState } from 'preact/hooks'
import { AskError, ask, type Parameters, toSitePath } from './api.js'
import type { ListReply } from './replies.js'
import { onToken } from './token.js'

/** A list that is read part by part. What has arrived is shown while the rest is on its way. */
export interface Listed<Item> {
  readonly items: readonly Item[]
  readonly isLoading: boolean
  /** The whole list is there, or as much of it as was wanted. */
  readonly isWhole: boolean
  readonly error: AskError | undefined
  /** Reads on, after an error or after so many items that the page has stopped. */
  readonly more: () => void
  /** Reads everything again. */
  readonly again: () => void
}

/** Items that one request asks for, and after how many the page stops until more are asked for. */
const partSize = 1000
const stopAfter = 10_000

/** The same empty list each time, so that nothing that depends on it is made anew. */
const none: readonly never[] = []

interface Known<Item> {
  readonly key: string
  readonly items: readonly Item[]
  readonly next: string | null
  readonly isLoading: boolean
  readonly error?: AskError
}

/**
 * Reads a list of a site to its end.
 *
 * @param steps the path of the list below the site; `null` reads nothing.
 * @param isEnough called with the last item of a part: `true` stops, because nothing of interest follows.
 */
export function useList<Item>(
  site: string,
  steps: readonly string[] | null,
  parameters: Parameters = {},
  isEnough: (last: Item) => boolean = () => false,
): Listed<Item> {
  const key = JSON.stringify([site, steps, parameters])
  const [known, setKnown] = useState<Known<Item>>({ key, items: [], next: '', isLoading: true })
  const [turn, setTurn] = useState({ number: 0, isNew: true })
  const again = () => setTurn(({ number }) => ({ number: number + 1, isNew: true }))
  useEffect(() => onToken(again), [])
  useEffect(() => {
    if (!steps) return undefined
    const stop = new AbortController()
    const isFresh = turn.isNew || known.key !== key
    const start: Known<Item> = isFresh ? { key, items: [], next: '', isLoading: true } : known
    const read = async (): Promise<void> => {
      let { items, next } = start
      const most = items.length + stopAfter
      while (next !== null && items.length < most) {
        const cursor = next === '' ? undefined : next
        const path = toSitePath(site, steps, { page_size: partSize, ...parameters, paging_next: cursor })
        const part: ListReply<Item> = await ask(path, { signal: stop.signal })
        if (stop.signal.aborted) return
        items = [...items, ...part.items]
        const last = items.at(-1)
        next = last !== undefined && isEnough(last) ? null : part.next
        setKnown({ key, items, next, isLoading: next !== null && items.length < most })
      }
    }
    read().catch((reason: unknown) => {
      if (stop.signal.aborted) return
      const error = reason instanceof AskError ? reason : new AskError(0, '', String(reason))
      setKnown(before => ({ ...(before.key === key ? before : start), isLoading: false, error }))
    })
    return () => stop.abort()
  }, [key, turn])
  const isKnown = known.key === key
  return {
    items: isKnown ? known.items : none,
    isLoading: steps !== null && (!isKnown || known.isLoading),
    isWhole: isKnown && known.next === null,
    error: isKnown ? known.error : undefined,
    more: () => setTurn(({ number }) => ({ number: number + 1, isNew: false })),
    again,
  }
}
