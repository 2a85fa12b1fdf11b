import type { JSX } from 'preact'
import { useEffect, useRef, useState } from 'preact/hooks'
import { AskError, ask, send, toSitePath } from '../api.js'
import { Text, toVisible } from '../parts/text.js'
import { formatCount, Time } from '../parts/time.js'

/** `DELETE /v1/identities/{id}` */
export interface ErasedReply {
  /** Unix epoch, ms. */
  readonly erasedAt: number
  readonly erased: { readonly sessions: number; readonly events: number; readonly visits: number }
}

interface PersonRightsProps {
  readonly site: string
  readonly identityId: string
  readonly rights: readonly string[]
  readonly onErased: (reply: ErasedReply) => void
}

/** What a person may ask for: a copy of all that is stored of them, and that it is erased. */
export function PersonRights({ site, identityId, rights, onErased }: PersonRightsProps): JSX.Element {
  const [isAsking, setAsking] = useState(false)
  const mayErase = rights.includes('erase')
  return (
    <section class="panel">
      <h2>Rights of the person</h2>
      <Export site={site} identityId={identityId} isAllowed={rights.includes('export')} />
      <div class="right">
        <p>
          <b>Erase.</b> Removes the identity, its sessions, and what was done in the same visits before it signed in.
          Late records are refused.
        </p>
        <button type="button" class="danger" disabled={!mayErase} onClick={() => setAsking(true)}>
          Erase…
        </button>
      </div>
      {!mayErase && (
        <p class="soft small">
          This token does not have the right <code>erase</code>.
        </p>
      )}
      {isAsking && (
        <EraseDialog site={site} identityId={identityId} onErased={onErased} onClose={() => setAsking(false)} />
      )}
    </section>
  )
}

interface ExportProps {
  readonly site: string
  readonly identityId: string
  readonly isAllowed: boolean
}

function Export({ site, identityId, isAllowed }: ExportProps): JSX.Element {
  const [state, setState] = useState<'ready' | 'loading' | 'done' | AskError>('ready')

  async function download(): Promise<void> {
    setState('loading')
    try {
      const response = await send(toSitePath(site, ['identities', identityId, 'export']))
      save(await response.blob(), `${toFileName(identityId)}.json`)
      setState('done')
    } catch (reason) {
      setState(reason instanceof AskError ? reason : new AskError(0, '', String(reason)))
    }
  }

  return (
    <>
      <div class="right">
        <p>
          <b>Export.</b> A JSON file of everything that is stored of this person.
        </p>
        <button
          type="button"
          class="quiet"
          disabled={!isAllowed || state === 'loading'}
          onClick={() => void download()}
        >
          {state === 'loading' ? 'Collecting…' : 'Export'}
        </button>
      </div>
      {!isAllowed && (
        <p class="soft small">
          This token does not have the right <code>export</code>.
        </p>
      )}
      <p class="small" role="status">
        {state === 'done' && 'The file is with your downloads.'}
        {state instanceof AskError && <span class="problem">{state.message}</span>}
      </p>
    </>
  )
}

/** Gives a file to the person. */
function save(file: Blob, name: string): void {
  const link = document.createElement('a')
  link.href = URL.createObjectURL(file)
  link.download = name
  link.click()
  // The browser has begun to read the file when the click returns, but may need it a little longer.
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000)
}

/** A name for a file of a person: only what every file system takes. */
export function toFileName(identityId: string): string {
  const name = identityId.replace(/[^\w.@+-]+/g, '_').replace(/^[._]+/, '')
  return `sojourn-${name.slice(0, 80) || 'identity'}`
}

interface EraseProps {
  readonly site: string
  readonly identityId: string
  readonly onErased: (reply: ErasedReply) => void
  readonly onClose: () => void
}

/** Asks the second time: the name has to be typed. */
function EraseDialog({ site, identityId, onErased, onClose }: EraseProps): JSX.Element {
  const dialog = useRef<HTMLDialogElement>(null)
  const [typed, setTyped] = useState('')
  const [state, setState] = useState<'ready' | 'erasing' | AskError>('ready')
  // What cannot be typed may be typed as it is shown.
  const isSame = typed === identityId || typed === toVisible(identityId)

  useEffect(() => dialog.current?.showModal(), [])

  async function erase(event: Event): Promise<void> {
    event.preventDefault()
    if (!isSame || state === 'erasing') return
    setState('erasing')
    try {
      const reply = await ask<ErasedReply>(toSitePath(site, ['identities', identityId]), { method: 'DELETE' })
      onClose()
      onErased(reply)
    } catch (reason) {
      setState(reason instanceof AskError ? reason : new AskError(0, '', String(reason)))
    }
  }

  return (
    <dialog class="dialog" ref={dialog} aria-labelledby="erase-title" onClose={onClose}>
      <form class="dialog-form" onSubmit={event => void erase(event)}>
        <h2 id="erase-title">Erase this person for ever?</h2>
        <p>
          This cannot be undone. To go on, type the identity:{' '}
          <b>
            <Text value={identityId} max={512} isPlain />
          </b>
        </p>
        <label class="field">
          <span class="soft small">Identity</span>
          <input
            name="identity"
            value={typed}
            autocomplete="off"
            autocapitalize="off"
            spellcheck={false}
            onInput={event => setTyped(event.currentTarget.value)}
          />
        </label>
        <p class="problem small" role="status">
          {state instanceof AskError && state.message}
        </p>
        <p class="actions">
          <button type="submit" class="danger" disabled={!isSame || state === 'erasing'}>
            {state === 'erasing' ? 'Erasing…' : 'Erase for ever'}
          </button>
          <button type="button" class="quiet" onClick={() => dialog.current?.close()}>
            Keep
          </button>
        </p>
      </form>
    </dialog>
  )
}

/** What was removed. */
export function ErasedNote({ reply }: { readonly reply: ErasedReply }): JSX.Element {
  const { sessions, events, visits } = reply.erased
  const note = useRef<HTMLElement>(null)
  // The button that was pressed is gone with the identity.
  useEffect(() => note.current?.focus({ preventScroll: true }), [])
  return (
    <section class="panel erased" role="status" tabIndex={-1} ref={note}>
      <h2>Erased</h2>
      <p>
        Removed at <Time at={reply.erasedAt} />: {formatCount(sessions)} {sessions === 1 ? 'session' : 'sessions'},{' '}
        {formatCount(events)} {events === 1 ? 'event' : 'events'} and {formatCount(visits)}{' '}
        {visits === 1 ? 'whole visit' : 'whole visits'}. Records of it that arrive late are refused.
      </p>
    </section>
  )
}
