import type { EventShapes, ObjectShape, Shape } from './shapes.js'

/** How types are written. */
export interface TypeStyle {
  /** Whether a text that had few values is written as the union of them. */
  readonly hasLiterals: boolean
}

/**
 * Writes the interface `Events`, for `createTracker<Events>()`. Names and values may be anything that a stranger has sent:
 * they stand in nothing but quoted texts, in which everything that cannot be seen is escaped. Events, properties and the
 * members of a union are sorted, so the same shapes give the same text.
 */
export function toInterface({ byName }: Pick<EventShapes, 'byName'>, style: TypeStyle): string {
  const lines = sorted(byName).map(([name, shape]) => `  ${toName(name)}: ${toData(shape, style)}\n`)
  return `export interface Events {\n${lines.join('')}}\n`
}

/** The data of an event may be missing altogether, which is `null` in what is stored. */
function toData(shape: Shape, style: TypeStyle): string {
  const { hasNull } = shape
  const types = toTypes({ ...shape, hasNull: false }, style, 1)
  return [...types, ...(hasNull ? ['undefined'] : [])].join(' | ')
}

/** The members of the union of what was seen. It is empty if nothing was. */
function toTypes(shape: Shape, style: TypeStyle, level: number): string[] {
  if (shape.isUnknown) return ['unknown']
  return [
    ...toTextTypes(shape, style),
    ...(shape.hasNumber ? ['number'] : []),
    ...(shape.hasBoolean ? ['boolean'] : []),
    ...(shape.object ? [toObject(shape.object, style, level)] : []),
    ...(shape.items ? [toList(shape.items, style, level)] : []),
    ...(shape.hasNull ? ['null'] : []),
  ]
}

/** A text is written as its values only if each was seen twice, in the middle. Otherwise it may be an id. */
function toTextTypes({ texts, literals }: Shape, { hasLiterals }: TypeStyle): string[] {
  if (!texts) return []
  const isFew = literals !== null && texts >= literals.size * 2
  return hasLiterals && isFew ? [...literals].sort(byText).map(toQuoted) : ['string']
}

function toList(items: Shape, style: TypeStyle, level: number): string {
  const types = toTypes(items, style, level)
  // Nothing but empty lists was seen.
  if (!types.length) return 'unknown[]'
  return types.length > 1 ? `(${types.join(' | ')})[]` : `${types[0]}[]`
}

function toObject({ count, properties }: ObjectShape, style: TypeStyle, level: number): string {
  if (!properties) return '{ [name: string]: unknown }'
  if (!properties.size) return 'Record<string, never>'
  const indent = '  '.repeat(level + 1)
  const lines = sorted(properties).map(([name, shape]) => {
    const isOptional = shape.count < count
    // Every object inherits a `toString`, so where the property is missing there is still a function.
    const types = isOptional && name in Object.prototype ? ['unknown'] : toTypes(shape, style, level + 1)
    return `${indent}${toName(name)}${isOptional ? '?' : ''}: ${types.join(' | ')}\n`
  })
  return `{\n${lines.join('')}${'  '.repeat(level)}}`
}

function toName(name: string): string {
  return /^[A-Za-z_$][\w$]*$/.test(name) ? name : toQuoted(name)
}

/**
 * Writes a text in quotes. Control characters, marks of direction, separators, unpaired surrogates and unassigned
 * characters are escaped. So the text ends where it seems to end, for the compiler and for the eye.
 */
function toQuoted(text: string): string {
  return JSON.stringify(text).replaceAll(/[\p{C}\p{Zl}\p{Zp}]|(?! )\p{Zs}/gu, shown =>
    shown.replaceAll(/[^]/g, unit => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`),
  )
}

function sorted(shapes: ReadonlyMap<string, Shape>): [string, Shape][] {
  return [...shapes].sort(([a], [b]) => byText(a, b))
}

/** Orders texts the same on every machine, in every language. */
function byText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}
