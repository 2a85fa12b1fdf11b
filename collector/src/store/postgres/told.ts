/**
 * The text of a member of an event's data, or an empty text. JSON with an escaped NUL or half of a surrogate pair is
 * left out, because PostgreSQL would stop with an error.
 */
export function toText(name: string): string {
  return `CASE WHEN "data" ~* '\\\\u(0000|d[89a-f])' THEN '' WHEN json_typeof("data"::json -> '${name}') = 'string'
    THEN left("data"::json ->> '${name}', 256) ELSE '' END`
}
