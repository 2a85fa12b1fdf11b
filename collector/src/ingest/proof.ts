import { createHmac, timingSafeEqual } from 'node:crypto'
import type { Batch, Fact, SessionBirth } from 'sojourn/record'

/**
 * Refuses the records of sessions whose identity is not proved, if the site has secrets. Without secrets, the batch is
 * returned unchanged. Records outside sessions and of other sessions are taken.
 *
 * A proof is HMAC-SHA256 of the identity with one of the secrets, in base64url, or a JWT (HS256) whose `sub` is the
 * identity and whose `exp` was not over when the session began.
 *
 * @param secrets several are valid at the same time, so that they can be changed one after the other.
 * @param receivedAt collector's clock, Unix epoch, ms.
 */
export function refuseUnproved(batch: Batch, secrets: readonly string[], receivedAt: number): Batch {
  if (!secrets.length || !batch.sessions.length) return batch
  const skew = batch.sentAt === null ? 0 : receivedAt - batch.sentAt
  const proved = new Set(
    batch.proofs.filter(({ session, proof }) => isProof(proof, session, secrets, skew)).map(one => toKey(one.session)),
  )
  const isTaken = (session: SessionBirth | null): boolean => session === null || proved.has(toKey(session))
  const sessions = batch.sessions.filter(isTaken)
  if (sessions.length === batch.sessions.length) return batch
  // A page that stands in its session says whose it is.
  const isTakenPage = ({ page, visitID, identityId }: Batch['pages'][number]): boolean =>
    page.sessionID === null ||
    identityId === null ||
    isTaken({ ...page, visitID, sessionID: page.sessionID, identityId })
  const refused = batch.facts.filter(({ session }) => !isTaken(session)).map(toRefusal)
  return {
    ...batch,
    facts: batch.facts.filter(({ session }) => isTaken(session)),
    sessions,
    pages: batch.pages.filter(isTakenPage),
    refused: [...batch.refused, ...refused],
  }
}

function toRefusal({ event, visit }: Fact): Batch['refused'][number] {
  return { eventID: event.eventID, code: 'proof-invalid', visitID: visit.visitID }
}

// No id contains NUL.
function toKey({ visitID, sessionID, identityId }: SessionBirth): string {
  return [visitID, sessionID, identityId].join('\0')
}

function isProof(proof: string, session: SessionBirth, secrets: readonly string[], skew: number): boolean {
  const parts = proof.split('.')
  if (parts.length === 1) return secrets.some(secret => isSigned(session.identityId, proof, secret))
  const [head = '', claims = '', signature = ''] = parts
  if (parts.length !== 3 || !secrets.some(secret => isSigned(`${head}.${claims}`, signature, secret))) return false
  const { alg, crit } = toObject(head)
  const { sub, exp } = toObject(claims)
  const began = session.startDate + skew
  const isFresh = exp === undefined || (typeof exp === 'number' && exp * 1000 >= began)
  return alg === 'HS256' && crit === undefined && sub === session.identityId && isFresh
}

function isSigned(text: string, signature: string, secret: string): boolean {
  const expected = createHmac('sha256', secret).update(text).digest()
  const given = Buffer.from(signature, 'base64url')
  return given.length === expected.length && timingSafeEqual(given, expected)
}

function toObject(part: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(Buffer.from(part, 'base64url').toString())
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {}
  } catch {
    // It is no JSON, so it claims nothing.
    return {}
  }
}
