/** A promise of a contract. */
export interface Check {
  /** What is promised, in a sentence. */
  readonly name: string
  /** Rejects with an error that says what was found if the promise is not kept. */
  run(): Promise<void>
}

/** Makes a check of each body, which is given what `make` makes. */
export function toChecks<T>(
  make: () => T | Promise<T>,
  bodies: Readonly<Record<string, (made: T) => Promise<void>>>,
): Check[] {
  return Object.keys(bodies).map(name => ({
    name,
    async run() {
      await bodies[name]?.(await make())
    },
  }))
}

/** @throws an error that shows both if they are not equal as JSON. `undefined` and `null` count as equal. */
export function expectEqual(found: unknown, wanted: unknown): void {
  const [one, other] = [found, wanted].map(value => JSON.stringify(value ?? null))
  if (one !== other) throw new Error(`expected ${cut(other)}, but found ${cut(one)}`)
}

/** @throws an error if the promise is fulfilled. */
export async function expectRejection(run: () => Promise<unknown>): Promise<void> {
  const isFulfilled = await run().then(
    () => true,
    () => false,
  )
  if (isFulfilled) throw new Error('expected a rejection')
}

function cut(text = ''): string {
  return text.length > 300 ? `${text.slice(0, 300)}…` : text
}
