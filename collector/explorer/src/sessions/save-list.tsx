import type { JSX } from 'preact'
import { useEffect, useRef, useState } from 'preact/hooks'
import { formatCount } from '../parts/time.js'
import { type FileKind, maxSaved, saveSessions } from './save.js'

/** Buttons that save the filtered list as a file, and how far that is. */
export function SaveList({ site, query }: { readonly site: string; readonly query: URLSearchParams }): JSX.Element {
  const [said, setSaid] = useState('')
  const [running, setRunning] = useState<AbortController | null>(null)
  const last = useRef<AbortController | null>(null)
  useEffect(() => () => last.current?.abort(), [])

  async function save(kind: FileKind): Promise<void> {
    const stop = new AbortController()
    last.current = stop
    setRunning(stop)
    setSaid('Reading …')
    try {
      const tell = (count: number) => setSaid(`${formatCount(count)} sessions …`)
      const { count, isCut } = await saveSessions(site, query, kind, tell, stop.signal)
      const rest = isCut ? ` These are the first ${formatCount(maxSaved)}; \`sojourn-collector export\` has all.` : ''
      setSaid(`Saved ${formatCount(count)} ${count === 1 ? 'session' : 'sessions'}.${rest}`)
    } catch (error) {
      setSaid(stop.signal.aborted ? 'Stopped. Nothing was saved.' : (error as Error).message)
    }
    setRunning(null)
  }

  return (
    <div class="save-list">
      <span class="small soft" role="status">
        {said}
      </span>
      {running ? (
        <button type="button" class="quiet" onClick={() => running.abort()}>
          Stop
        </button>
      ) : (
        <div class="segments" role="group" aria-label="Save the list">
          <button type="button" onClick={() => void save('csv')}>
            Save as CSV
          </button>
          <button type="button" onClick={() => void save('ndjson')}>
            NDJSON
          </button>
        </div>
      )}
    </div>
  )
}
