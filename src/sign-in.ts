import type { TrackerErrorCode } from './errors.js'
import { copyFields, readField } from './properties.js'
import type { NewCall } from './record/call.js'
import { isIdentity, isProof, toIdentity } from './record/check.js'

/**
 * Reads what `signIn` was called with.
 *
 * @returns the call, and the data without the proof; `null` if nobody can be signed in. A wrong proof is reported and left
 * out. Its text is a secret, so the report has its type alone.
 */
export function readSignIn(
  identity: unknown,
  info: unknown,
  trouble: (code: TrackerErrorCode, cause: unknown) => void,
): readonly [NewCall, unknown] | null {
  const identityId = toIdentity(identity)
  if (!isIdentity(identityId)) {
    trouble('identity-invalid', identity)
    return null
  }
  const proof = readField(info, 'proof')
  if (proof == null) return [{ verb: 'signIn', identityId, proof: undefined }, info]
  const { proof: _taken, ...data } = copyFields('signIn', info, trouble)
  if (!isProof(proof)) trouble('proof-invalid', typeof proof)
  return [{ verb: 'signIn', identityId, proof: isProof(proof) ? proof : undefined }, Object.keys(data)[0] && data]
}
