import type { Tracker } from './api.js'

/** What zod, valibot, arktype and others make, as https://standardschema.dev says. */
export interface StandardSchema<Input = unknown> {
  readonly '~standard': {
    readonly version: 1
    readonly vendor: string
    readonly validate: (value: unknown) => SchemaResult | Promise<SchemaResult>
    readonly types?: { readonly input: Input; readonly output: unknown } | undefined
  }
}

/** What a schema has found. */
export interface SchemaResult {
  readonly issues?: readonly SchemaIssue[] | undefined
}

/** One thing that is wrong. */
export interface SchemaIssue {
  readonly message: string
  readonly path?: readonly unknown[] | undefined
}

/**
 * The events that schemas describe, as `createTracker` takes them: `createTracker<EventsOf<typeof schemas>>(options)`. The data may
 * be left out if the schema takes `undefined` or `{}`.
 */
export type EventsOf<Schemas> = {
  readonly [Name in keyof Schemas]: Schemas[Name] extends StandardSchema<infer Input> ? DataOf<Input> : never
}

type DataOf<Input> =
  | (unknown extends Input ? object : Input extends object ? Input : never)
  | (undefined extends Input ? undefined : Empty extends Input ? undefined : never)

// biome-ignore lint/complexity/noBannedTypes: it is the type of `{}`, which a schema of an empty object takes
type Empty = {}

/** An event that does not match its schema, or has none. */
export interface WrongEvent {
  readonly name: string
  readonly data: object | undefined
  readonly issues: readonly SchemaIssue[]
}

/**
 * Checks each event against its schema before it is recorded. For development: a wrong event is reported and recorded all the
 * same, so that nothing is lost. Data that is left out counts as `{}`, or as `undefined` if the schema takes that.
 *
 * @param schemas a schema for each name: any library that follows Standard Schema.
 * @param onWrong is told of each wrong event, and of names without a schema. By default it writes to the console.
 * @returns the tracker, with the types of the schemas.
 * @example
 * import { z } from 'zod'
 *
 * const options = { collector: 'https://collector.example', key: 'shop' }
 * const schemas = { AddToCart: z.object({ sku: z.string() }) }
 * const tracker = checkEvents(createTracker(options), schemas)
 * tracker.track('AddToCart', { sku: 'A1' })
 */
export function checkEvents<Schemas extends Readonly<Record<string, StandardSchema>>>(
  tracker: Tracker,
  schemas: Schemas,
  onWrong: (wrong: WrongEvent) => void = warn,
): Tracker<EventsOf<Schemas>> {
  async function check(name: string, data: object | undefined): Promise<void> {
    const schema = Object.prototype.hasOwnProperty.call(schemas, name) ? schemas[name] : undefined
    const ask = async (value: unknown): Promise<SchemaResult['issues']> =>
      schema ? (await schema['~standard'].validate(value)).issues : [{ message: `no schema is named ${name}` }]
    const issues = await ask(data ?? {})
    if (issues && !(data === undefined && !(await ask(data)))) onWrong({ name, data, issues })
  }

  function track(name: string, data?: object, ...rest: unknown[]): void {
    check(name, data).catch(cause => onWrong({ name, data, issues: [{ message: String(cause) }] }))
    ;(tracker.track as (...args: unknown[]) => void)(name, data, ...rest)
  }
  return { ...tracker, track } as unknown as Tracker<EventsOf<Schemas>>
}

function warn({ name, issues }: WrongEvent): void {
  const texts = issues.map(({ message, path = [] }) => `${path.map(toKey).join('.')} ${message}`.trim())
  // oxlint-disable-next-line no-console -- for development, and only if the page gives no listener
  console.error(`sojourn: the event ${name} is wrong: ${texts.join('; ')}`)
}

/** A part of a path is a key, or an object that holds it. */
function toKey(part: unknown): string {
  return String(typeof part === 'object' && part ? (part as { key: unknown }).key : part)
}
