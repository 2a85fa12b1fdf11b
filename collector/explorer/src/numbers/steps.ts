/** A step of a funnel as the address has it: `event:AddToCart`, `page:https://shop.example/cart`. */
export interface Step {
  readonly kind: 'event' | 'page'
  readonly value: string
}

export const minSteps = 2
export const maxSteps = 5

/** Reads a step. What is none becomes an event without a name. */
export function parseStep(text: string): Step {
  if (text.startsWith('page:')) return { kind: 'page', value: text.slice('page:'.length) }
  return { kind: 'event', value: text.startsWith('event:') ? text.slice('event:'.length) : '' }
}

/** Writes a step, as `parseStep` reads it. */
export const toStepText = ({ kind, value }: Step): string => `${kind}:${value}`

/** The steps of an address, at most five, those without a value left out. Fewer than two ask nothing. */
export function readSteps(query: URLSearchParams): Step[] {
  return query
    .getAll('step')
    .map(parseStep)
    .filter(({ value }) => value !== '')
    .slice(0, maxSteps)
}
