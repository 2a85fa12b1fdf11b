import { isUtf8 } from 'node:buffer'
import type { App } from './app.js'

// Small wrappers around a good collector. Each breaks one promise.

type Body = any

/** A collector that breaks a promise, and the names of the checks that must fail for it. */
export type Row = readonly [what: string, fails: readonly string[], make: (app: App) => App]

/** What a wrapper changes. Everything else stays the same. */
export interface Changes {
  /** Changes a batch before it is taken. */
  readonly batch?: (batch: Body) => Body
  /** Changes the answer to a batch. `batch` is the batch as it was sent. */
  readonly answer?: (answer: Body, batch: Body) => Body
  /** Changes the body of a read. */
  readonly read?: (body: Body, path: string) => Body
  /** Changes the parameters of a read in place. */
  readonly params?: (params: URLSearchParams, path: string) => void
  /** Changes the headers of every reply in place. */
  readonly headers?: (headers: Headers, request: Request) => void
}

/** Wraps an app so that requests and replies are changed. */
export function changed(app: App, { batch, answer, read, params, headers }: Changes): App {
  return {
    async fetch(request) {
      const url = new URL(request.url)
      const isBatch = request.method === 'POST'
      let came: Body
      let inner = request
      if (isBatch && (batch || answer)) {
        const bytes = Buffer.from(await request.arrayBuffer())
        came = isUtf8(bytes) ? jsonOf(bytes.toString()) : undefined
        const goes = came && batch ? JSON.stringify(batch(came)) : bytes
        inner = new Request(url, { method: 'POST', headers: without(request.headers, 'content-length'), body: goes })
      } else if (request.method === 'GET' && params) {
        params(url.searchParams, url.pathname)
        inner = new Request(url, { headers: request.headers })
      }
      const reply = await app.fetch(inner)
      const change = isBatch ? answer : request.method === 'GET' ? read : undefined
      const text = reply.status === 204 ? null : await reply.text()
      const body = text === null ? undefined : jsonOf(text)
      const isChanged = change && body && reply.status === 200
      const says = isChanged ? JSON.stringify(change(body, isBatch ? came : url.pathname)) : text
      const out = new Response(says, { status: reply.status, headers: without(reply.headers, 'content-length') })
      headers?.(out.headers, request)
      return out
    },
  }
}

/** Wraps an app so that `answer` replies to some requests. If it returns `undefined`, the app replies. */
export function instead(
  app: App,
  answer: (request: Request, bytes: Buffer, ask: App['fetch']) => Promise<Response | undefined> | Response | undefined,
): App {
  return {
    async fetch(request) {
      const bytes = Buffer.from(await request.clone().arrayBuffer())
      return (await answer(request, bytes, one => app.fetch(one))) ?? app.fetch(request)
    },
  }
}

/** Makes the same request with another body. */
export function withBody(request: Request, body: string | Buffer): Request {
  return new Request(request.url, { method: 'POST', headers: without(request.headers, 'content-length'), body })
}

/** Parses JSON. Returns `undefined` if the text is not JSON. */
export function jsonOf(text: string): Body {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

/** Returns the lists of events of a batch. */
export function eventListsOf(batch: Body): Body[][] {
  return [batch.visits, batch.sessions]
    .filter(Array.isArray)
    .flat()
    .map(one => one.events)
    .filter(Array.isArray)
}

/** Returns the ids of all events of a batch. */
export function idsOf(batch: Body): string[] {
  return eventListsOf(batch).flatMap(events => events.map(event => event?.eventID))
}

/**
 * Renames events, so that they are stored in addition to events with the original id. The answer names the original
 * ids.
 */
export function renaming(app: App, isRenamed: (eventID: string, batch: Body) => boolean): App {
  return changed(app, {
    batch(batch) {
      for (const events of eventListsOf(batch))
        events.forEach((event, n) => {
          if (event && isRenamed(event.eventID, batch)) events[n] = { ...event, eventID: `${event.eventID}~` }
        })
      return batch
    },
    answer: answer => ({ ...answer, stored: [...new Set(answer.stored.map((id: string) => id.replace(/~+$/, '')))] }),
  })
}

/** Changes every object inside a JSON value in place. */
export function eachObject(value: Body, change: (one: Body) => void): Body {
  if (typeof value !== 'object' || value === null) return value
  if (!Array.isArray(value)) change(value)
  for (const one of Object.values(value)) eachObject(one, change)
  return value
}

function without(headers: Headers, name: string): Headers {
  const copy = new Headers(headers)
  copy.delete(name)
  return copy
}

/** Makes a JSON reply. */
export function json(status: number, body: unknown): Response {
  return Response.json(body, { status })
}

export function isPost({ method }: Request): boolean {
  return method === 'POST'
}

export function isZipped(bytes: Buffer): boolean {
  return bytes[0] === 0x1f && bytes[1] === 0x8b
}
