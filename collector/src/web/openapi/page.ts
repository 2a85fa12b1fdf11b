import { toPlainPageHeaders } from '../plain-page.js'
import type { Schema } from '../route.js'
import type { ApiDocument, OperationObject, ResponseObject } from './document.js'

const style = `:root{color-scheme:light dark;--line:#8885;--soft:#8882}
body{margin:0 auto;max-width:46rem;padding:1rem 1rem 4rem;font:1rem/1.5 system-ui,sans-serif;overflow-wrap:anywhere}
h1,h2,h3{line-height:1.25}h2{margin-top:3rem;border-bottom:1px solid var(--line)}
h3{margin:2rem 0 .25rem;font-size:1rem}h3 b{display:inline-block;min-width:3.5rem;text-transform:uppercase}
code,h3{font-family:ui-monospace,monospace}code{font-size:.9em;background:var(--soft);border-radius:3px;padding:0 .25em}
dl{margin:.5rem 0;padding-left:.75rem;border-left:3px solid var(--soft)}dt{margin-top:.5rem}dd{margin:0 0 0 1rem}
small{opacity:.75}summary{cursor:pointer;margin-top:.5rem}`

/** The headers of the page. */
export const pageHeaders = toPlainPageHeaders(style)

/** Renders an OpenAPI document as one HTML page without scripts, readable on a phone. */
export function toPage(document: ApiDocument): string {
  const { info, tags, paths, components } = document
  const operations = Object.entries(paths).flatMap(([path, item]) =>
    Object.entries(item).map(([method, operation]) => ({ path, method, operation })),
  )
  const sections = tags.map(({ name, description }) => {
    const own = operations.filter(({ operation }) => operation.tags.includes(name))
    const parts = own.map(({ path, method, operation }) => toSection(path, method, operation))
    return `<h2>${escape(name)}</h2>\n<p>${toText(description)}</p>\n${parts.join('\n')}`
  })
  const schemas = Object.entries(components.schemas).map(([name, schema]) => toSchemaSection(name, schema))
  return `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escape(info.title)}</title>
<style>${style}</style>
<h1>${escape(info.title)} <small>${escape(info.version)}</small></h1>
<p>${toText(String(info.summary))} <a href="openapi.json">openapi.json</a> says the same to programs.</p>
<p>${toText(info.description)}</p>
<dl>${Object.entries(components.securitySchemes as Record<string, Schema>)
    .map(([name, scheme]) => toTerm(code(name), toText(descriptionOf(scheme))))
    .join('')}</dl>
${sections.join('\n')}
<h2>Schemas</h2>
${schemas.join('\n')}
</html>
`
}

function toSection(path: string, method: string, operation: OperationObject): string {
  const { operationId, summary, security, parameters, requestBody, responses } = operation
  const needs = security.map(one => Object.keys(one)[0] ?? 'nothing on this machine')
  const terms = parameters.map(({ name, in: place, description = '', schema }) =>
    toTerm(`${code(name)} <small>${place}, ${toType(schema)}</small>`, toText(description)),
  )
  return `<h3 id="${escape(operationId)}"><b>${escape(method)}</b> ${escape(path)}</h3>
<p>${toText(summary)}${needs.length ? ` <small>Needs ${escape(needs.join(', or '))}.</small>` : ''}</p>
${requestBody ? `<p>Body: ${toType(Object.values(requestBody.content)[0]?.schema ?? {})}. ${toText(descriptionOf(requestBody))}</p>` : ''}
${terms.length ? `<details><summary>Parameters</summary><dl>${terms.join('')}</dl></details>` : ''}
<details><summary>Replies</summary><dl>${Object.entries(responses)
    .map(([status, response]) => toResponseTerm(status, response))
    .join('')}</dl></details>`
}

function toResponseTerm(status: string, { description, headers = {}, content = {} }: ResponseObject): string {
  const types = Object.entries(content).map(([type, { schema }]) => `<small>${escape(type)}: ${toType(schema)}</small>`)
  const more = Object.entries(headers).map(([name, header]) => `${code(name)}: ${toText(header.description)}`)
  return toTerm(`<b>${escape(status)}</b> ${types.join(' ')}`, [toText(description), ...more].join('<br>'))
}

function toSchemaSection(name: string, schema: Schema): string {
  const { properties = {}, required = [] } = schema as {
    readonly properties?: Readonly<Record<string, Schema>>
    readonly required?: readonly string[]
  }
  const terms = Object.entries(properties).map(([member, inner]) => {
    const mark = required.includes(member) ? '' : ', optional'
    return toTerm(`${code(member)} <small>${toType(inner)}${mark}</small>`, toText(descriptionOf(inner)))
  })
  return `<h3 id="schema-${escape(name)}">${escape(name)}</h3>
<p>${toText(descriptionOf(schema))}${terms.length ? '' : ` <small>${toType(schema)}</small>`}</p>
${terms.length ? `<dl>${terms.join('')}</dl>` : ''}`
}

/** The type of a schema in words. A component is a link. */
function toType(schema: Schema): string {
  const {
    $ref,
    const: constant,
    enum: values,
    anyOf,
    allOf,
    type,
    items,
    prefixItems,
  } = schema as {
    readonly [name: string]: unknown
    readonly anyOf?: readonly Schema[]
    readonly allOf?: readonly Schema[]
    readonly prefixItems?: readonly Schema[]
  }
  if (typeof $ref === 'string') {
    const name = $ref.slice($ref.lastIndexOf('/') + 1)
    return `<a href="#schema-${escape(name)}">${escape(name)}</a>`
  }
  if (constant !== undefined) return code(JSON.stringify(constant))
  if (Array.isArray(values)) return values.map(value => code(JSON.stringify(value))).join(' or ')
  if (anyOf) return anyOf.map(toType).join(' or ')
  // The rest of `allOf` narrows the first, and is said in words.
  if (allOf) return toType(allOf[0] ?? {}) + toItems(allOf[1])
  if (prefixItems) return `list of ${prefixItems.map(toType).join(', ')}`
  const name = Array.isArray(type) ? type.join(' or ') : typeof type === 'string' ? type : 'any'
  return items ? `${escape(name)} of ${toType(items as Schema)}` : escape(name)
}

function toItems(schema: Schema | undefined): string {
  const list = (schema?.properties as Readonly<Record<string, Schema>> | undefined)?.items
  return list ? ` of ${toType(list.items as Schema)}` : ''
}

function toTerm(term: string, description: string): string {
  return `<dt>${term}</dt><dd>${description}</dd>`
}

function descriptionOf({ description }: Schema): string {
  return typeof description === 'string' ? description : ''
}

function code(text: string): string {
  return `<code>${escape(text)}</code>`
}

/** Writes a text as HTML. What stands between backquotes is code. */
function toText(text: string): string {
  return escape(text).replace(/`([^`]+)`/g, '<code>$1</code>')
}

function escape(text: string): string {
  return text.replace(/[&<>"]/g, sign => `&#${sign.charCodeAt(0)};`)
}
