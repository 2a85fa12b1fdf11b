import * as fc from 'fast-check'

const strange = fc.oneof(
  fc.constantFrom<unknown>(null, true, 0, -1, 1.5, '', 'x', [], {}, 2 ** 53, '\0', '\ud800', '🛒'),
  fc.constantFrom('x'.repeat(256), 'x'.repeat(257), 'x'.repeat(1024), 'x'.repeat(1025)),
  fc.integer(),
  fc.jsonValue({ maxDepth: 2 }),
)

type Node = Record<string, unknown> | unknown[]

/** Returns every place in a JSON value, as its object or list and its name or index. */
function placesOf(value: unknown): (readonly [holder: Node, name: string])[] {
  if (typeof value !== 'object' || value === null) return []
  return Object.entries(value).flatMap(([name, one]) => [[value as Node, name] as const, ...placesOf(one)])
}

/** Generates batches with up to three changed places: a strange value, no value, or the value of another place. */
export function mutated(batches: readonly object[]): fc.Arbitrary<object> {
  const change = fc.record({ at: fc.nat(), from: fc.nat(), how: fc.constantFrom('set', 'delete', 'copy'), strange })
  return fc.tuple(fc.constantFrom(...batches), fc.array(change, { maxLength: 3 })).map(([batch, changes]) => {
    const copy = structuredClone(batch)
    for (const { at, from, how, strange: value } of changes) {
      const places = placesOf(copy)
      const place = places[at % places.length]
      const other = places[from % places.length]
      if (!place || !other) continue
      const [holder, name] = place as [Record<string, unknown>, string]
      if (how === 'set') holder[name] = structuredClone(value)
      else if (how === 'copy') holder[name] = structuredClone((other[0] as Record<string, unknown>)[other[1]])
      else if (Array.isArray(holder)) holder.splice(Number(name), 1)
      else delete holder[name]
    }
    return copy
  })
}
