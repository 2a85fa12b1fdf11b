import { useEffect, useState } from 'preact/hooks'
import { type AskError, toSitePath } from '../api.js'
import type { NowReply } from '../replies.js'
import { type Connection, listen } from './listen.js'

/** The present of a site, as it was last heard. */
export interface Now {
  readonly data: NowReply | undefined
  readonly connection: Connection
  /** Why there is no connection, if that is known. */
  readonly error: AskError | undefined
}

/** Follows the present of a site while the page is shown. */
export function useNow(site: string): Now {
  const [now, setNow] = useState<Now>({ data: undefined, connection: 'opening', error: undefined })
  useEffect(
    () =>
      listen({
        path: toSitePath(site, ['now', 'stream']),
        onData: data => setNow(now => ({ ...now, data: data as NowReply })),
        onConnection: (connection, error) => setNow(now => ({ ...now, connection, error })),
      }),
    [site],
  )
  return now
}
