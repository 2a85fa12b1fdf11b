import type { Send } from '../cases.js'
import { isObject, type Json, type JsonObject, listAt } from '../json.js'

/** Splits a request into one for each record, and one without records. Each repeats the visits, sessions and pages. */
export function splitSend(send: Send): Send[] {
  const { batch, answer } = send
  const groups = ['visits', 'sessions'] as const
  const shells = { visits: toShells(batch, 'visits'), sessions: toShells(batch, 'sessions') }
  const pieces: Send[] = [{ batch: { ...batch, ...shells }, answer: { stored: [], refused: [] } }]
  for (const name of groups)
    for (const [n, group] of listAt(batch, name).entries())
      for (const event of listAt(group, 'events')) {
        const inside = shells[name].map((shell, m) => (m === n ? { ...shell, events: [event] } : shell))
        pieces.push({ batch: { ...batch, ...shells, [name]: inside }, answer: answerTo(event, answer) })
      }
  return pieces
}

function toShells(batch: JsonObject, name: string): JsonObject[] {
  return listAt(batch, name).map(one => ({ ...(one as JsonObject), events: [] }))
}

function answerTo(event: Json, answer: JsonObject): JsonObject {
  const refused = listAt(answer, 'refused') as readonly (readonly [string, string])[]
  const id = isObject(event) ? event.eventID : null
  if (typeof id === 'string' && listAt(answer, 'stored').includes(id)) return { stored: [id], refused: [] }
  // Records without a valid id are refused under the empty id. The code tells which record it was.
  const isOf = ([name, code]: readonly [string, string]): boolean =>
    !name && (code === 'event-invalid') === (id === null)
  const refusal = refused.find(([name]) => name === id) ?? refused.find(isOf)
  return { stored: [], refused: refusal ? [[...refusal]] : [] }
}
