import type { Schema } from '../route.js'

/** JSON Schemas by the name of their file, such as `event.schema.json`. */
export type SchemaFiles = Readonly<Record<string, Schema>>

/**
 * Turns the schemas of the conformance kit into components of an OpenAPI document. `event.schema.json` becomes `event`, and
 * `#/$defs/id` of `words.schema.json` becomes `words.id`. A schema keeps all it says, because OpenAPI 3.1 has the same
 * dialect.
 */
export function toComponents(files: SchemaFiles): Record<string, Schema> {
  const components: Record<string, Schema> = {}
  for (const [file, { $schema: _dialect, $id: _id, $defs = {}, ...schema }] of Object.entries(files)) {
    const name = toName(file)
    // A file without a type of its own only shares its definitions.
    if ('type' in schema) components[name] = rename(schema, name) as Schema
    for (const [part, definition] of Object.entries($defs as Schema))
      components[`${name}.${part}`] = rename(definition, name) as Schema
  }
  return components
}

function toName(file: string): string {
  return file.replace(/\.schema\.json$/, '')
}

/** Rewrites every reference in a schema, so that it points to a component. */
function rename(value: unknown, self: string): unknown {
  if (Array.isArray(value)) return value.map(one => rename(one, self))
  if (value === null || typeof value !== 'object') return value
  const entries = Object.entries(value).map(([name, inner]) => [
    name,
    name === '$ref' && typeof inner === 'string' ? renameReference(inner, self) : rename(inner, self),
  ])
  return Object.fromEntries(entries)
}

function renameReference(reference: string, self: string): string {
  const [file = '', part] = reference.split('#/$defs/')
  const name = file ? toName(file) : self
  return `#/components/schemas/${part ? `${name}.${part}` : name}`
}
