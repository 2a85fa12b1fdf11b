import {
  maxLiteralChars,
  maxLiterals,
  maxShapeDepth,
  maxShapeNames,
  maxShapeProperties,
  maxShapeRoom,
} from './type-limits.js'

/** What has been seen of the values at one place. It grows with what differs, not with what was seen. */
export interface Shape {
  /** How many values were seen here. */
  count: number
  /** How many of them were texts. */
  texts: number
  /** The different texts. `null`: there are too many of them, or one is too long. */
  literals: Set<string> | null
  hasNumber: boolean
  hasBoolean: boolean
  hasNull: boolean
  /** The objects that were seen. */
  object: ObjectShape | null
  /** The items of all lists that were seen. */
  items: Shape | null
  /** Values were left out here, because they are too deep or too different. */
  isUnknown: boolean
}

/** What has been seen of the objects at one place. */
export interface ObjectShape {
  count: number
  /** `null`: there are too many different names. */
  properties: Map<string, Shape> | null
}

/** The shapes of events, by name. */
export interface EventShapes {
  readonly add: (eventName: string, data: object | null) => void
  readonly byName: ReadonlyMap<string, Shape>
  /** Whether there were events whose names are not in `byName`, because there are too many names. */
  readonly isCut: () => boolean
}

/**
 * Collects the shapes of events. Anybody who has a write key can send any events, so memory is bounded: above a limit,
 * names are left out, and values count as unknown.
 */
export function createShapes(): EventShapes {
  const byName = new Map<string, Shape>()
  let room = maxShapeRoom
  let isCut = false

  function add(shape: Shape, value: unknown, depth: number): void {
    shape.count++
    if (value === null) shape.hasNull = true
    else if (typeof value === 'number') shape.hasNumber = true
    else if (typeof value === 'boolean') shape.hasBoolean = true
    else if (typeof value === 'string') addText(shape, value)
    else if (depth >= maxShapeDepth) shape.isUnknown = true
    else if (Array.isArray(value)) for (const item of value) add((shape.items ??= makeShape()), item, depth + 1)
    else addObject((shape.object ??= { count: 0, properties: new Map() }), value as object, depth)
    if (Array.isArray(value)) shape.items ??= makeShape()
  }

  function addObject(object: ObjectShape, value: object, depth: number): void {
    object.count++
    for (const [name, member] of Object.entries(value)) {
      if (!object.properties) return
      const known = object.properties.get(name)
      if (known) add(known, member, depth + 1)
      else if (object.properties.size >= maxShapeProperties || room <= 0) object.properties = null
      else {
        room--
        const shape = makeShape()
        object.properties.set(name, shape)
        add(shape, member, depth + 1)
      }
    }
  }

  return {
    byName,
    isCut: () => isCut,
    add(eventName, data) {
      let shape = byName.get(eventName)
      if (!shape) {
        if (byName.size >= maxShapeNames) {
          isCut = true
          return
        }
        shape = makeShape()
        byName.set(eventName, shape)
      }
      add(shape, data, 0)
    },
  }
}

function makeShape(): Shape {
  return {
    count: 0,
    texts: 0,
    literals: new Set(),
    hasNumber: false,
    hasBoolean: false,
    hasNull: false,
    object: null,
    items: null,
    isUnknown: false,
  }
}

function addText(shape: Shape, text: string): void {
  shape.texts++
  if (!shape.literals) return
  if (text.length > maxLiteralChars || (shape.literals.size >= maxLiterals && !shape.literals.has(text)))
    shape.literals = null
  else shape.literals.add(text)
}
