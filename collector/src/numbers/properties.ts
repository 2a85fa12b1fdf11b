import { maxEventProperties } from '../store/numbers-limits.js'
import { toValue } from './keys.js'

/**
 * Reads the properties of the data of an event that are counted: the first `maxEventProperties` that are texts, numbers or
 * booleans.
 *
 * @param data JSON of an object, or `null`.
 */
export function toProperties(data: string | null): readonly (readonly [property: string, value: string])[] {
  if (data === null) return []
  const found: (readonly [string, string])[] = []
  for (const [property, value] of Object.entries(JSON.parse(data) as Record<string, unknown>)) {
    if (typeof value !== 'string' && typeof value !== 'number' && typeof value !== 'boolean') continue
    if (found.length === maxEventProperties) break
    found.push([toValue(property), toValue(String(value))])
  }
  return found
}
