import { isUtf8 } from 'node:buffer'
import type { App } from './house.js'

// Small wrappers around a good collector, which break one thing each.

type Body = any

/** What a wrapper changes; what it leaves out stays as it is. */
export interface Changes {
  /** The batch that is really taken. */
  readonly batch?: (batch: Body) => Body
  /** What is said of a batch; told the batch as it came. */
  readonly answer?: (answer: Body, batch: Body) => Body
  /** What is said of a read. */
  readonly read?: (body: Body, path: string) => Body
  /** The parameters of a read that are really looked at. */
  readonly params?: (params: URLSearchParams, path: string) => void
  /** Headers of every answer. */
  readonly headers?: (headers: Headers, request: Request) => void
}

/** Wraps an app so that JSON that goes in and comes out is changed. */
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

/** Wraps an app so that some requests are answered by another; `undefined`: by the app. */
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

/** The same request with another body. */
export function withBody(request: Request, body: string | Buffer): Request {
  return new Request(request.url, { method: 'POST', headers: without(request.headers, 'content-length'), body })
}

export function jsonOf(text: string): Body {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

/** The lists of events of a batch. */
export function eventListsOf(batch: Body): Body[][] {
  return [batch.visits, batch.sessions]
    .filter(Array.isArray)
    .flat()
    .map(one => one.events)
    .filter(Array.isArray)
}

export function idsOf(batch: Body): string[] {
  return eventListsOf(batch).flatMap(events => events.map(event => event?.eventID))
}

/** Renames events, so that they are stored beside those of their own ids; what is answered names them as they came. */
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

/** Everything in a JSON value that is an object, changed in place. */
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
