import { base } from './base.js'
import { readToken, refuseToken } from './token.js'

/** A value of a parameter. `undefined`, `null` and an empty text leave the parameter out. A list gives it several times. */
export type Parameter = string | number | boolean | readonly string[] | undefined | null
export type Parameters = Readonly<Record<string, Parameter>>

/** What kept a request from its reply. */
export class AskError extends Error {
  /** The status of HTTP; 0 if the collector was not reached. */
  readonly status: number
  /** The code of the error reply; empty if there is none. */
  readonly code: string

  constructor(status: number, code: string, message: string) {
    super(message)
    this.name = 'AskError'
    this.status = status
    this.code = code
  }
}

/** The query of an address with its question mark, or an empty text. */
export function toQuery(parameters: Parameters): string {
  const query = new URLSearchParams()
  for (const [name, value] of Object.entries(parameters)) {
    if (value === undefined || value === null || value === '') continue
    if (typeof value === 'object') for (const one of value) query.append(name, one)
    else query.set(name, String(value))
  }
  const text = query.toString()
  return text && `?${text}`
}

/**
 * The path of a read of one site, for `ask` and `useAsk`.
 *
 * @param steps of the path, each as it is. They are encoded here, so an id may contain anything.
 */
export function toSitePath(site: string, steps: readonly string[], parameters: Parameters = {}): string {
  return `v1/sites/${[site, ...steps].map(encodeURIComponent).join('/')}${toQuery(parameters)}`
}

/**
 * Sends a request to the collector, with the token of this tab.
 *
 * @throws AskError if the collector does not answer, or answers with an error. A 401 asks the person for a token too.
 */
export async function send(path: string, init: RequestInit = {}): Promise<Response> {
  const token = readToken()
  const headers = new Headers(init.headers)
  // A token that is being tried is not the one of this tab.
  if (token && !headers.has('Authorization')) headers.set('Authorization', `Bearer ${token}`)
  let response: Response
  try {
    response = await fetch(base + path, { ...init, headers, credentials: 'omit', cache: 'no-store' })
  } catch (error) {
    if (init.signal?.aborted) throw error
    throw new AskError(0, '', 'The collector does not answer. Is it running, and is this computer online?')
  }
  if (response.ok) return response
  if (response.status === 401) refuseToken()
  throw await toError(response)
}

/** Asks the collector, and parses the JSON of its reply. @throws AskError as `send`, and if the reply is not JSON. */
export async function ask<Reply>(path: string, init?: RequestInit): Promise<Reply> {
  const response = await send(path, init)
  try {
    return (await response.json()) as Reply
  } catch (error) {
    if (init?.signal?.aborted) throw error
    throw new AskError(response.status, '', 'The reply is not from a collector. Is a proxy in between?')
  }
}

async function toError(response: Response): Promise<AskError> {
  try {
    const { error, message } = (await response.json()) as { error?: unknown; message?: unknown }
    const text = typeof message === 'string' && message ? message : `The collector answered ${response.status}.`
    return new AskError(response.status, typeof error === 'string' ? error : '', text)
  } catch {
    return new AskError(response.status, '', `The collector answered ${response.status}, without a reason.`)
  }
}
